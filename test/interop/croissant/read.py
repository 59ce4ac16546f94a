"""Validates croissant.json below each directory that is named, reads the records of every record set, and prints both as JSON."""

import json
import sys

import mlcroissant


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def read(directory):
    dataset = mlcroissant.Dataset(jsonld=f"{directory}/croissant.json")
    issues = dataset.metadata.ctx.issues
    return {
        "name": dataset.metadata.name,
        "version": str(dataset.metadata.version),
        "errors": sorted(issues.errors),
        "warnings": sorted(issues.warnings),
        "records": {
            record_set.id: [
                {key.removeprefix(f"{record_set.id}/"): plain(value) for key, value in record.items()}
                for record in dataset.records(record_set.id)
            ]
            for record_set in dataset.metadata.record_sets
        },
    }


print(json.dumps([read(directory) for directory in sys.argv[1:]]))
