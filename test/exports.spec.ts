import { expect, test } from 'vitest'

/** What hosts may rely on. A name that goes is a breaking change, one that comes is a promise. */

test('the main entry point exports the factory, references and errors', async () => {
  expect(Object.keys(await import('../src/index.ts')).sort()).toMatchInlineSnapshot(`
    [
      "AccessWidenedError",
      "AlreadyAnsweredError",
      "AnchorError",
      "ChainError",
      "CorruptBlockError",
      "CorruptTransferError",
      "DamagedTrailError",
      "DataNodeError",
      "EncryptedPayloadError",
      "FileNotFoundError",
      "ForeignReferenceError",
      "IdentityMismatchError",
      "InvalidArgumentError",
      "InvalidAuditKeyError",
      "InvalidCheckpointError",
      "InvalidDagError",
      "InvalidKeyError",
      "InvalidManifestError",
      "InvalidMessageError",
      "InvalidNameError",
      "InvalidNoteError",
      "InvalidProofError",
      "InvalidReferenceError",
      "InvalidSignatureError",
      "InvalidStatementError",
      "InvalidTileError",
      "KeyMissingError",
      "LimitExceededError",
      "ListenError",
      "MismatchError",
      "NetworkKeyMismatchError",
      "NewerFormatError",
      "NotConfirmedError",
      "NotStoredError",
      "PeerDeniedError",
      "PeerUnreachableError",
      "ProofMismatchError",
      "RefusedError",
      "RepositoryLockedError",
      "RepositoryVersionError",
      "SmallerTreeError",
      "SourceChangedError",
      "SourceUnreadableError",
      "StoppedError",
      "StorageError",
      "StorageFullError",
      "TimedOutError",
      "UnavailableError",
      "UnsignedError",
      "WrongKindError",
      "WrongMinerError",
      "WrongOriginError",
      "WrongSignerError",
      "WrongTaskError",
      "cidOf",
      "createDataNode",
      "digestOf",
      "formatTicket",
      "formatUrn",
      "parseReference",
    ]
  `)
})

test('the verify entry point exports checks that need no node', async () => {
  expect(Object.keys(await import('../src/verify.ts')).sort()).toMatchInlineSnapshot(`
    [
      "DataNodeError",
      "ForeignReferenceError",
      "InvalidArgumentError",
      "InvalidAuditKeyError",
      "InvalidCheckpointError",
      "InvalidKeyError",
      "InvalidManifestError",
      "InvalidNameError",
      "InvalidNoteError",
      "InvalidProofError",
      "InvalidReferenceError",
      "InvalidSignatureError",
      "InvalidStatementError",
      "LimitExceededError",
      "NewerFormatError",
      "ProofMismatchError",
      "SmallerTreeError",
      "UnsignedError",
      "WrongOriginError",
      "WrongSignerError",
      "addressOf",
      "auditKeyDigest",
      "checkEntryName",
      "checkPath",
      "checkpointDigest",
      "cidOf",
      "decodeAuditKey",
      "decodeCanonicalJson",
      "decodeCheckpoint",
      "decodeManifest",
      "decodeNote",
      "decodeStatement",
      "decodeTlogProof",
      "digestOf",
      "encodeAuditKey",
      "encodeCanonicalJson",
      "encodeCheckpoint",
      "encodeManifest",
      "encodeNote",
      "encodeStatement",
      "encodeTlogProof",
      "formatAuditOrigin",
      "formatNoteKey",
      "formatTicket",
      "formatUrn",
      "hashTaskReference",
      "isAddress",
      "manifestVersion",
      "parseAddress",
      "parseAuditOrigin",
      "parseReference",
      "recoverAddress",
      "statementDigest",
      "verifyAuditKey",
      "verifyCheckpoint",
      "verifyConsistency",
      "verifyInclusion",
      "verifyNote",
      "verifyStatement",
    ]
  `)
})

test('the evm entry point exports the reader of session queues', async () => {
  expect(Object.keys(await import('../src/evm/index.ts')).sort()).toMatchInlineSnapshot(`
    [
      "ChainError",
      "DataNodeError",
      "InvalidArgumentError",
      "LimitExceededError",
      "sessionQueue",
      "sessionQueueAbi",
    ]
  `)
})

test('the testing entry point exports the network in memory', async () => {
  expect(Object.keys(await import('../src/testing/index.ts')).sort()).toMatchInlineSnapshot(`
    [
      "createTestNetwork",
    ]
  `)
})
