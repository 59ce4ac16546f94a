"""Hashes, signs and recovers EIP-712 messages with eth-account: a list of questions on stdin, one of answers on stdout."""
import json
import sys

from eth_account import Account
from eth_account.messages import encode_typed_data


def answer(question):
    typed = question["typedData"]
    fields = {field["name"]: field["type"] for field in typed["types"][typed["primaryType"]]}
    typed["message"] = {
        name: int(value) if fields[name].startswith("uint") else value for name, value in typed["message"].items()
    }
    message = encode_typed_data(full_message=typed)
    signed = Account.sign_message(message, question["privateKey"])
    given = question.get("signature")
    return {
        "digest": "0x" + bytes(signed.message_hash).hex(),
        "structHash": "0x" + bytes(message.body).hex(),
        "signature": "0x" + bytes(signed.signature).hex(),
        "signer": Account.recover_message(message, signature=given).lower() if given else None,
    }


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
