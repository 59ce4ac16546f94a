import { expect, test } from 'vitest'

/** What hosts may rely on. A name that goes is a breaking change, one that comes is a promise. */

test('the main entry point exports the factory, references and errors', async () => {
  expect(Object.keys(await import('../src/index.ts')).sort()).toMatchInlineSnapshot(`
    [
      "AccessWidenedError",
      "AlreadyAnsweredError",
      "CorruptBlockError",
      "CorruptTransferError",
      "DataNodeError",
      "EncryptedPayloadError",
      "FileNotFoundError",
      "ForeignReferenceError",
      "IdentityMismatchError",
      "InvalidArgumentError",
      "InvalidDagError",
      "InvalidKeyError",
      "InvalidManifestError",
      "InvalidMessageError",
      "InvalidNameError",
      "InvalidReferenceError",
      "InvalidStatementError",
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
      "RefusedError",
      "RepositoryLockedError",
      "RepositoryVersionError",
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
      "InvalidKeyError",
      "InvalidManifestError",
      "InvalidNameError",
      "InvalidReferenceError",
      "InvalidStatementError",
      "LimitExceededError",
      "NewerFormatError",
      "addressOf",
      "auditKeyDigest",
      "checkEntryName",
      "checkPath",
      "cidOf",
      "decodeCanonicalJson",
      "decodeManifest",
      "decodeStatement",
      "digestOf",
      "encodeCanonicalJson",
      "encodeManifest",
      "encodeStatement",
      "formatTicket",
      "formatUrn",
      "hashTaskReference",
      "isAddress",
      "manifestVersion",
      "parseAddress",
      "parseReference",
      "recoverAddress",
      "statementDigest",
      "verifyStatement",
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
