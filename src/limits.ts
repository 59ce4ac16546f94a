/**
 * Every bound and every default of this library, in one place. Names end in their unit.
 *
 * Bounds on foreign data are checked before work proportional to it is done.
 */

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/** Characters of CID text before it is parsed: base58 parsing is quadratic, and 200 KB of it block for half a minute. */
export const cidTextCharactersMax = 128

/** Bytes of a ticket: fits every chat, queue and header field. */
export const ticketBytesMax: number = 2 * KIB

/** Providers named in one ticket. */
export const ticketProvidersMax = 8

/** Characters of any reference before it is parsed. */
export const referenceCharactersMax: number = 4 * KIB

/** Bytes of a manifest, and of `prompt.json`, `config.json`, `session.json` and `output.json` when read into a handle. */
export const manifestBytesMax: number = MIB

/** Nesting of JSON from outside, checked before it is parsed. */
export const jsonDepthMax = 64

/** Bytes of a statement as JSON. */
export const statementBytesMax: number = KIB

/** Statements that travel with one root. */
export const statementsMax = 8

/** Bytes of a delegation as JSON; the longest has 307. */
export const delegationBytesMax = 512

/** Milliseconds by which a wallet's clock may be ahead of that of the node that it lets speak for it. */
export const delegationSkewMsMax = 300_000

/** Milliseconds before the end of a node's delegation when `health()` begins to warn: a week to find who has the wallet. */
export const delegationWarningMs = 604_800_000

/** Different delegations of one connection that are checked: each costs about a millisecond, and an honest peer has one. */
export const shownDelegationsMax = 4

/** Wallets of which the latest delegations are remembered: more than a router has miners; each takes about a kilobyte. */
export const knownWalletsMax = 4_096

/** Milliseconds for a remote signer to sign: one that asks a person is no signer of statements. */
export const signerTimeoutMs = 30_000

/** Delegations that whoever verifies evidence gives with it: several for each of the miners; each costs about a millisecond. */
export const knownDelegationsMax = 1024

/** Delegations that are kept with a root, and sent with it: one for each statement. */
export const delegationsMax: number = statementsMax

/** Bytes of one block: what bitswap peers accept. */
export const blockBytesMax: number = 2 * MIB

/** Links of one node of a DAG. */
export const linksMax = 8192

/** Blocks between a root and its furthest leaf. */
export const dagDepthMax = 64

/** Directories below the root of a bundle. */
export const directoryDepthMax = 32

/** Entries (files and directories) of a bundle. */
export const entriesMax = 10_000

/** Entries of a dataset bundle. */
export const datasetEntriesMax = 1_000_000

/** UTF-8 bytes of one entry's name: what file systems take. */
export const nameBytesMax = 255

/** UTF-8 bytes of a path inside a bundle. */
export const pathBytesMax = 4096

/** Bytes that one fetch may bring in unless it says more. */
export const fetchBytesMax: number = 4 * GIB

/** Bytes that `bytes()` returns unless it is told more. */
export const readBytesMax: number = 64 * MIB

/** Milliseconds without progress after which a fetch is given up. */
export const fetchStallTimeoutMs = 60_000

/** Milliseconds for a peer to answer a request with a header. */
export const headerTimeoutMs = 20_000

/** Milliseconds for a connection to be made, handshake included. */
export const dialTimeoutMs = 10_000

/** Bytes of the header of a CAR. */
export const carHeaderBytesMax: number = KIB

/** Bytes of a CID inside a CAR section or a wire message. */
export const cidBytesMax = 64

/** Bytes of a wire message other than data. */
export const messageBytesMax: number = 64 * KIB

/** Bytes sent at a time: smaller sends cost a frame, a window update and a cipher call each. */
export const sendBytesTarget: number = 256 * KIB

/**
 * Bytes sent at a time at the beginning of an answer, which are one message of Noise: a slow link has brought them soon, and who
 * reads them checks what came while the next ones are made.
 */
export const firstSendBytes: number = 60 * KIB

/** Bytes of an answer that are sent so. */
export const smallAnswerBytes: number = MIB

/** Bytes sent at a time to a peer that reads fast. */
export const sendBytesMax: number = MIB

/** Bytes a second from which a peer reads fast: a frame of `sendBytesMax` is then there within a thirtieth of a second. */
export const fastBytesPerSecond: number = 32 * MIB

/** Bytes of a bundle up to which it is kept as one CAR file rather than as a file a block. */
export const smallBundleBytesMax: number = MIB

/** Bytes of a bundle of tiny blocks up to which it is kept as one CAR file: a file for each costs more than its bytes do. */
export const packedBundleBytesMax: number = 8 * MIB

/** Bytes that blocks have on average at most to be tiny. */
export const packedBlockBytesMax: number = 16 * KIB

/** Block files that are let go at the same time: whether they are listed is asked of the index for as many at once. */
export const releaseConcurrency = 64

/** Claims on files that are given up before other work has its turn: some 10 ms. */
export const releasedAtOnce = 1_000

/** Files written and fsynced at the same time. */
export const writeConcurrency = 8

/** Streams of one protocol that one peer may have open to us, on all its connections. */
export const inboundStreamsPerPeerMax = 32

/** Idle streams for the DAG protocol kept ready for each connection; of those that were used lately, all are. */
export const idleStreamsPerPeerMax = 4

/** Milliseconds after which the idle streams beyond these are ended: what reads a table uses many at once, again and again. */
export const spareStreamsMs = 10_000

/** Streams that are opened ahead to a peer that is likely to be asked. */
export const spareStreamsPerPeer = 2

/** Connections in all: a router's fleet. Beyond them the stranger that has been idle longest goes for one that is new. */
export const connectionsMax = 4096

/** Milliseconds without a byte on any stream after which a connection is idle: whoever transfers something stays. */
export const idleConnectionMs = 10_000

/** Connections that one host, or one IPv6 network of 64 bits, may have open to us: a quarter of all, and many miners. */
export const connectionsPerHostMax = 1024

/** New connections a second from one host: many miners share an address behind NAT, and all of 50 get in. */
export const inboundConnectionsPerSecondMax = 100

/** Seconds over which new connections from one host are counted: on a busy machine those of some seconds come at once. */
export const inboundConnectionsSeconds = 3

/** Handshakes under way at once. Beyond them the host that has most loses its oldest to one that has fewer. */
export const pendingHandshakesMax = 512

/**
 * Handshakes under way at once with one host, or with one IPv6 network of 64 bits: a fleet that comes back, and half of all.
 */
export const pendingHandshakesPerHostMax = 256

/**
 * Requests a second of one peer, in all protocols and on all its connections: more than one asks that waits for each answer,
 * even on one machine (some 700), and a tenth of a core for whoever asks for what is not there.
 */
export const requestsPerSecondPerPeerMax = 1_000

/** Seconds' worth of requests that one peer may ask at once: a host that comes back asks for thousands of bundles in one go. */
export const requestBurstSeconds = 10

/**
 * Seconds' worth of requests beyond that which are answered by telling the peer so: who waits a second never gets past them.
 */
export const requestToldSeconds = 2

/** Streams that a peer loses, each by going on after it was told, before it loses its connections. */
export const cutStreamsMax = 8

/** Requests that a breach of a protocol counts as: nobody's mistakes are as frequent, and fifty of them are an attack. */
export const faultRequests = 100

/** Milliseconds for which a peer that lost its connections is not let in again. */
export const refusalMs = 60_000

/** Peers whose requests are counted: a few hundred bytes each, and more than can connect while one is refused. */
export const countedPeersMax = 16_384

/** Peers that one list of who may connect names: every account of a large network, a few MiB. */
export const peerRulesMax = 100_000

/** Milliseconds before a lost router is dialled again, the first time; doubles up to `routerRetryMsMax`. */
export const routerRetryMsMin = 500

/** Milliseconds between attempts to reach a router that stays away. */
export const routerRetryMsMax = 30_000

/** Results that are checked at the same time. */
export const claimsConcurrency = 32

/** Claims in one call. */
export const claimsMax = 256

/** Milliseconds for one claim to be fetched unless an option says more: a commit window, and 64 MiB at 300 KiB/s. */
export const claimTimeoutMsDefault = 300_000

/** Milliseconds before an embargoed result is asked for again, the first time; doubles from then on. */
export const embargoRetryMsMin = 250

/** Milliseconds between two times that an embargoed result is asked for. */
export const embargoRetryMsMax = 5_000

/** Milliseconds by which the time of a statement may be ahead of this node's clock before that is said: clocks differ. */
export const statementSkewMsMax = 300_000

/** Pairs of different answers that a host's function compares: all those of 91 answers. */
export const comparisonsMax = 4096

/** Calls of that function at the same time: each may ask a model. */
export const comparisonsConcurrency = 4

/** Milliseconds for all comparisons of one call together unless an option says more. */
export const compareTimeoutMsDefault = 60_000

/** Score from which two answers agree unless an option says less: what `true` counts as. */
export const agreementScoreDefault = 1

/** Predecessors that `datasets.versions` follows. */
export const datasetVersionsMax = 10_000

/** Milliseconds that each part gets, one after the other, to end its work when the node stops. */
export const stopTimeoutMs = 1_500

/** Blocks of one DAG that a walk meets: a dataset of a million entries, each with a node and a leaf. */
export const dagBlocksMax = 2_000_000

/** Characters of a multiaddr or of a router's name before it is parsed: base58 parsing is quadratic. */
export const addressCharactersMax = 512

/** Bytes of a stream's receive window for a large DAG: 330 MB/s at 200 ms, and half as much that is taken and not heard of. */
export const streamWindowBytesMax: number = 96 * MIB

/** Bytes of a stream's receive window for a large DAG however near its provider is: sends on their way, and those that wait. */
export const steadyWindowBytes: number = 8 * MIB

/** Bytes a second that a large DAG is assumed to come by until it is known: a window is larger by what comes in a round trip. */
export const assumedBytesPerSecond = 200_000_000

/** Bytes by which that window grows and shrinks. */
export const windowStepBytes: number = 8 * MIB

/**
 * Bytes used of a receive window from which they are given back by a message, or a quarter of the window where that is less: a
 * small bundle costs none, and of a window for a long way nearly all is always open.
 */
export const windowUpdateBytesMax: number = MIB

/** Bytes of the receive window that is announced ahead of the first request: a small bundle comes in one round trip. */
export const firstWindowBytes: number = 2 * MIB

/** Bytes to which the muxer lets the window of a stream grow by itself. */
export const tunedWindowBytesMax: number = 16 * MIB

/** Bytes that a paused stream may have received: a whole window, or pausing would end the stream. */
export const streamBufferBytesMax: number = streamWindowBytesMax + 256 * KIB

/** Bytes of one frame of the muxer, whose length is up to 4 GiB on the wire: nobody sends a window at once. */
export const frameBytesMax: number = 16 * MIB

/** Streams of all protocols that one connection may have open to us. */
export const inboundStreamsPerConnectionMax = 256

/** Milliseconds for a bitswap message to go on arriving once it has begun. */
export const bitswapTimeoutMs = 120_000

/** Bytes of a bitswap message that comes: what Kubo and Helia send at most. No more than one block of it is kept. */
export const bitswapMessageBytesMax: number = 4 * MIB

/** Bytes of one want or presence in a bitswap message: Kubo takes no CID above 168 bytes, and ours have 36. */
export const bitswapEntryBytesMax = 256

/** Bytes of what stands before the digest in the CID of a block that comes by bitswap: four varints. */
export const bitswapPrefixBytesMax = 40

/** Wants of one peer that are kept until they are answered: Kubo asks for 1,024 in one go. */
export const bitswapWantsPerPeerMax = 2048

/** Wants of all peers that are kept, but for `bitswapWantsPerPeerMin` of each: they take about half a kilobyte each. */
export const bitswapWantsMax = 65_536

/** Wants of one peer that are kept however many there are of others. */
export const bitswapWantsPerPeerMin = 64

/** Wants of one peer that are told at a time that there was no room for them; those beyond are dropped. */
export const bitswapRefusalsPerPeerMax = 2048

/** Presences in one bitswap message: 64 KiB. */
export const bitswapPresencesMax = 1024

/** Answers by bitswap that are being read and sent at the same time, each with 256 KiB and a block in memory at most. */
export const bitswapAnswersMax = 32

/** Milliseconds without progress after which a peer loses its place among these answers to one that waits for it. */
export const bitswapYieldMs = 10_000

/** Streams for bitswap that one peer may have open to us. */
export const bitswapStreamsPerPeerMax = 64

/** Milliseconds that a stream to a peer stays open for the next bitswap message: Helia resets it after ten seconds. */
export const bitswapStreamIdleMs = 1_000

/** Blocks that one peer is asked for by bitswap at the same time; further ones wait. Kubo takes 1,024. */
export const bitswapAsksPerPeerMax = 256

/** Bytes of blocks that one peer may have begun and not completed: Kubo has about one megabyte on its way. */
export const bitswapReceiveBytesMax: number = 8 * MIB

/** Bytes that a peer may send by bitswap which it was never asked for. */
export const bitswapUnaskedBytesMax: number = 8 * MIB

/** Milliseconds between checks that a router still answers. */
export const routerCheckMs = 30_000

/** Milliseconds for a router to answer a check: a window of data may be queued before the answer on a slow link. */
export const routerCheckTimeoutMs = 60_000

/** Bytes of data in one wire message: a block and what came before it. The receiver does not keep them together. */
export const dataBytesMax: number = 4 * MIB

/** Bytes of a request: a CID, three positions as deep as a DAG may be, and room for what may come. */
export const requestBytesMax: number = 4 * KIB

/** Fan-out of a directory that is a hash array mapped trie; what others write is 256. */
export const hamtFanoutMax = 1024

/** Bytes of a bundle that are asked for when it is opened: the first piece of an answer takes no longer than the root alone. */
export const openBytesEnough: number = firstSendBytes

/** Bytes of a file that are fetched at a time while it is read from others, one span ahead: both are in memory or on disk. */
export const remoteSpanBytes: number = 8 * MIB

/**
 * Parts of a DAG that are fetched at the same time: as many as a provider is asked for, and a few that follow them at once. Each
 * holds the links above it.
 */
export const remotePartsMax = 32

/** Links of those blocks of files that stay decoded while a bundle is open: of four as they are made here, or of one. */
export const keptLinksMax = 4_096

/** Blocks of a file that are read before they are asked for. */
export const readAheadBlocksMax = 4

/** Files of one folder that are opened before it is looked again whether that is still the one that was listed. */
export const folderFilesUnchecked = 128

/** Files that are imported at the same time, each with `importBlocksConcurrency` blocks in memory. */
export const importFilesConcurrency = 4

/** Names of one directory that are hashed before other work has its turn: some 5 ms. */
export const namesHashedAtOnce = 1_000

/** Blocks of one file that are hashed and stored at the same time. */
export const importBlocksConcurrency = 8

/** Blocks that the serving side reads before the one in front of them is sent. */
export const serveReadAheadBlocksMax = 32

/** Bytes that these reads take together: what one slow reader holds of this node, beside what is being sent. */
export const serveReadAheadBytesMax: number = 4 * MIB

/** Bytes that a block counts as while it is read: what importers make of large files. */
export const usualBlockBytes: number = MIB

/** Milliseconds for a host's function to decide whether a peer may read: a call to a chain, and the peer still waits. */
export const readerTimeoutMs = 5_000

/** Calls of one such function at the same time, one for each peer: more wait, within the same time. */
export const readerCallsMax = 64

/** Restricted bundles of which one bundle may link something: they are kept in its record. */
export const restrictedLinksMax = 10_000

/** Milliseconds between looks at the clock while a result waits to be revealed: a clock may be set forward meanwhile. */
export const revealCheckMs = 60_000

/** Bundles that one problem of `health()` names; those beyond are counted. */
export const namedBundlesMax = 8

/** Answers that are being given at the same time to all peers; more are told to come back. */
export const answersMax = 512

/** Milliseconds for which a peer may read nothing of an answer whose place others need: a slow link takes 13 s for a piece. */
export const answerYieldMs = 30_000

/** Milliseconds after which a peer that was told to come back may do so. */
export const busyRetryMs = 1_000

/** Milliseconds for which a provider is left alone that has too much to do, whatever it says. */
export const busyRetryMsMax = 5_000

/** Times that a provider of one fetch may say that it has too much to do; then it counts as one that refuses. */
export const busyRetriesMax = 4

/** Milliseconds for a peer to read on before what is sent to it is given up. */
export const sendStallTimeoutMs = 120_000

/** Milliseconds for a request to arrive once its first byte has. */
export const requestTimeoutMs = 20_000

/** Milliseconds that a stream may be open to us without a request. */
export const idleStreamTimeoutMs = 3_600_000

/** Bytes received from a stream that wait to be looked at, before it is paused. */
export const receiveQueueBytesMax: number = MIB

/** Milliseconds of work without a wait after which others have their turn: a piece of a stream may hold thousands of messages. */
export const turnMsMax = 10

/** Bytes of blocks of one fetch that are on their way to the disk, before the stream they come from has to wait. */
export const putBytesMax: number = 4 * MIB

/** Bytes of blocks of one fetch that may be on their way to the disk however many there are. */
export const putBytesMin: number = MIB

/** Bytes of blocks of all fetches that are on their way to the disk, but for the least of each. */
export const nodePutBytesMax: number = 32 * MIB

/** Bytes that count as progress when no block was completed: a slow link may take minutes for a block of two megabytes. */
export const progressBytesMin: number = 16 * KIB

/** Bytes that a provider may send from one block to the next: the largest block, and more than is ever around one. */
export const betweenBlocksBytesMax: number = 2 * blockBytesMax

/** Milliseconds for an answer to be ended after its last block; everything is verified by then. */
export const answerEndTimeoutMs = 1_000

/** Blocks asked for at the same time by bitswap: one is a round trip. */
export const bitswapAheadMax = 16

/** Providers that one fetch asks. */
export const providersMax = 64

/** Bytes of blocks that are remembered from the check of a bundle until a handle on it is open. */
export const checkedBytesMax: number = 2 * MIB

/** Bytes of small bundles' CARs that the store keeps in memory: reading a bundle block by block opens its file once. */
export const carCacheBytesMax: number = 16 * MIB

/** Bytes of a bundle's record on disk: statements, and a fleet of readers. */
export const recordBytesMax: number = MIB

/** Bytes of a block that stays in memory once it has a file: with its links its bundle is checked and committed. */
export const rereadBlockBytesMax: number = 64 * KIB

/** Bytes of all such blocks of one bundle. */
export const rereadBytesMax: number = MIB

/** Files read or examined at the same time when a repository is opened. */
export const readConcurrency = 16

/**
 * Streams for the DAG protocol that this node uses at the same time with one peer; further fetches wait for one of them. Less
 * than `inboundStreamsPerPeerMax` by a few: the peer may not have noticed yet that others were ended.
 */
export const outboundStreamsPerPeerMax = 28

/** Files of a bundle that are written to a directory at the same time. */
export const saveFilesConcurrency = 4

/** Milliseconds that a timer can wait: with more it fires at once. */
export const timerMsMax = 2_147_483_647

/** Providers of one fetch that are connected to, or asked, at the same time. */
export const activeProvidersMax = 8

/** Milliseconds for a provider to connect or to answer before another one is tried beside it. */
export const hedgeMs = 400

/** Milliseconds of silence after which what a provider was asked for may be asked of another one. */
export const silenceMs = 1_200

/** Milliseconds without a whole block after which what a provider sends may be asked of another one: bytes prove nothing. */
export const blockPatienceMs = 15_000

/** Milliseconds between looks at how the providers of a fetch do. */
export const fetchTickMs = 100

/** Bytes that must be missing of a DAG for it to be split over several providers. */
export const splitBytesMin: number = 16 * MIB

/** Leaves about which it is asked at a time whether they are there. */
export const lookedAheadMax = 64

/** Streams with one provider among which its part of a large DAG goes: while one waits for an answer the other one is full. */
export const streamsPerProvider = 2

/** Bytes asked of a provider at a time before its rate is known. */
export const runBytesDefault: number = 4 * MIB

/** Bytes asked of a provider at a time even towards the end: less would be more round trips than bytes. */
export const runBytesMin: number = 256 * KIB

/** Bytes asked of a provider at a time: what a liar costs at most. */
export const runBytesMax: number = 32 * MIB

/** Milliseconds for which a provider is given work at a time, at its own rate. */
export const runMs = 1_000

/**
 * Milliseconds for which a provider of several has to send what it is asked for, beyond two round trips: a pause of this node
 * is no pause of its link. What it has on its way is lost when it is.
 */
export const aheadMs = 100

/** When a fetch has taken so long, what checks signatures faster is loaded while it goes on. */
export const hastenMs = 500

/** Leaves that are planned ahead of being asked for. */
export const plannedLeavesMax = 1024

/** Bytes of the receive windows of all streams of one fetch together. */
export const fetchWindowBytesMax: number = 64 * MIB

/** Steps of the receive window of one of several providers. */
export const windowShareStepBytes: number = 256 * KIB

/**
 * Bytes of the receive window of who is asked for more than is wanted of it by now: what comes after that comes for nothing, up
 * to twice as many bytes.
 */
export const cutWindowBytes: number = 64 * KIB

/** Bytes of the receive windows of all fetches together, but for the first window of each: what is paused may be full of it. */
export const nodeWindowBytesMax: number = 96 * MIB

/** Events kept of one provider of a fetch. */
export const attemptEventsMax = 32

/** Answers that are being given to one peer at the same time; what it asks beyond them waits. */
export const answersPerPeerMax = 8

/** Bytes that all answers to one peer read ahead together, but for one block of each. */
export const serveBytesPerPeerMax: number = 16 * MIB

/** Bytes that all answers read ahead together, but for one block of each. */
export const serveBytesMax: number = 128 * MIB

/** Redirects that are followed for one answer by HTTP. */
export const httpRedirectsMax = 3

/** Bytes of blocks that came by HTTP before their turn and are kept for it. */
export const httpBufferBytesMax: number = 4 * MIB

/** Times that a provider is connected to again which was lost after it had brought something. */
export const revivalsMax = 8

/** Bytes that a provider has to bring within `silenceMs` not to be taken for silent. */
export const audibleBytesMin: number = KIB

/** Characters of the label of a hold. */
export const holdOwnerCharactersMax = 64

/** Holds on one bundle, each with an owner of its own. */
export const holdsMax = 64

/** Milliseconds before a file is opened again when the process has no descriptor left, the first time; doubles from then on. */
export const descriptorRetryMsMin = 10

/** Milliseconds for a descriptor to become free, all tries together. */
export const descriptorWaitMs = 2_000

/**
 * Bytes of a CAR that are handed over at a time, and after which progress is told: a tiny piece costs as much as a large one.
 */
export const carPieceBytesMin: number = 64 * KIB

/** Bytes that a repository may take unless an option says more; less on a small file system. */
export const quotaBytesDefault: number = 10 * GIB

/** Files that a repository may take unless an option says more; fewer on a file system with few of them. */
export const quotaFilesDefault = 1_000_000

/** Part of a file system, in bytes and in files, beyond which the default quota does not go. */
export const quotaShareDefault = 0.1

/** Bytes of the smallest quota: what is reserved, and room for a few bundles. */
export const quotaBytesMin: number = 16 * MIB

/** Files of the smallest quota: those that are reserved, and what is being written. */
export const quotaFilesMin = 64

/** Bytes of the file system that are left to others unless an option says otherwise; less on a small one. */
export const keepFreeBytesDefault: number = 5 * GIB

/** Part of a file system beyond which the default of what is left to others does not go. */
export const keepFreeShareDefault = 0.05

/** Bytes of the quota for what an empty repository has: LevelDB's own files, whose size it decides. */
export const indexReserveBytes: number = 8 * MIB

/** Bytes of the quota that count for each listed block, beside its own: entries of the index, until LevelDB compacts them. */
export const indexBytesPerBlock = 512

/** Bytes of the quota that only what frees others may take: a record is written before a bundle can go. */
export const essentialReserveBytes: number = MIB

/** Files of the quota that only what frees others may take. */
export const essentialReserveFiles = 16

/** Bytes by which the noted bound of what is used runs ahead: one note for so many, and as many too many after a crash. */
export const spaceBoundStepBytes: number = 64 * MIB

/** Files by which the noted bound of what is used runs ahead. */
export const spaceBoundStepFiles = 4096

/** Bytes that are charged before the file system is asked again what is free. */
export const freeSpaceCheckBytes: number = 8 * MIB

/** Milliseconds after which the file system is asked again what is free: others write to it too. */
export const freeSpaceCheckMs = 250

/** Removals in a row that may bring one write no nearer to its room: others may fill the disk as fast as it is freed. */
export const futileRemovalsMax = 64

/** Times that a write is tried again on a file system that was full, each after room was made. */
export const fullDiskRetriesMax = 8

/** Files examined at the same time while a repository is counted again beside other work. */
export const recountConcurrency = 4

/** Times that one directory is counted when it changes each time: the bound that is known stays in force then. */
export const recountPassesMax = 16

/** Files removed at the same time when bundles are collected: others need the drive more. */
export const removeConcurrency = 2

/** Milliseconds for which a bundle is held that was published, by its kind; every other kind until it is released. */
export const retentionDefaultsMs: Readonly<Record<string, number>> = { task: 2 * 86_400_000, result: 30 * 86_400_000 }

/** Reads at the same time when everything is checked: whoever needs a block now goes before. */
export const verifyConcurrency = 2

/** Milliseconds between the end of one check of everything in the background and the beginning of the next. */
export const scrubPauseMs = 86_400_000

/** Entries of a directory in the place of a block that are removed with it; a larger one is left to whoever put it there. */
export const quarantinedEntriesMax = 10_000

/** Damaged blocks of a small bundle that are asked for one by one: with more all of it is. */
export const healOneByOneMax = 4

/** Links of directories that an open bundle keeps decoded: at least one directory, whatever its size. */
export const directoryCacheLinksMax = 16_384

/** Bytes that LevelDB keeps in memory and in its log before it writes a table: few enough for what is reserved for it. */
export const indexWriteBufferBytes: number = MIB

/** Milliseconds for which what is left of an interrupted fetch is kept after its last use. */
export const partialMsMax: number = 7 * 86_400_000

/** Milliseconds between looks for what has been left for too long. */
export const partialCheckMs = 3_600_000

/** Bytes of the file that says when what is left of a fetch was used last, and has as base64 what was said of it. */
export const partialNoteBytesMax: number = KIB + 2 * statementsMax * statementBytesMax + 2 * delegationsMax * delegationBytesMax

/** Bytes of an offer, and of its answer: two CIDs, or a status with its reason, and room for what may come. */
export const offerMessageBytesMax: number = KIB

/** UTF-8 bytes of the reason in the answer to an offer: a sentence for whoever reads a log. */
export const offerReasonBytesMax = 512

/** Bytes of a result that a node takes when it is offered one, unless its host says more: it cannot say no once it holds it. */
export const offeredBytesMax: number = 64 * MIB

/** Results of one task that are held for one miner because they were offered: it may correct itself, and not fill a disk. */
export const offeredPerTaskMax = 8

/** Offered results that are fetched at the same time: each may have a few megabytes on their way to the disk. */
export const offersMax = 32

/** Offered results of one peer that are fetched at the same time. */
export const offersPerPeerMax = 4

/** Offers that wait for their turn; more are told to come back. */
export const offersWaitingMax = 512

/** Milliseconds for an offered result to be taken: the largest one at 300 KiB/s, and as long again for those before it. */
export const offerTimeoutMs = 600_000

/** Milliseconds without progress after which an offered result is given up: the miner is there, it has just offered it. */
export const offerStallTimeoutMs = 30_000

/** Milliseconds for routers to confirm that they hold a result. */
export const confirmTimeoutMsDefault = 120_000

/** Milliseconds before a result is offered again to a router that could not take it, the first time; doubles from then on. */
export const offerRetryMsMin = 250

/** Milliseconds between offers to a router that still cannot take it. */
export const offerRetryMsMax = 5_000

/** Bytes of a signed note: sixteen signatures that resist quantum computers take 107 KiB. */
export const noteBytesMax: number = 256 * KIB

/** Signatures of a note; every verifier has to accept sixteen. */
export const noteSignaturesMax = 32

/** Bytes of an audit key as JSON. */
export const auditKeyBytesMax: number = KIB

/** Entries of a tree: what a number counts exactly. */
export const treeSizeMax: number = Number.MAX_SAFE_INTEGER

/** Hashes of a proof: a consistency proof in the largest tree has one for each of its 53 levels, and one to begin with. */
export const proofHashesMax = 54

/** Bytes of what an application adds to a proof. */
export const proofExtraBytesMax: number = 4 * KIB

/** Bytes of a proof as text: its note, and room for hashes and what is added. */
export const proofBytesMax: number = noteBytesMax + 16 * KIB

/** Endpoints of one chain: each is asked in turn, and all of them take this many times `rpcTimeoutMsDefault`. */
export const rpcEndpointsMax = 8

/** Milliseconds for an endpoint to answer one request: three blocks of a slow chain would have come in that time. */
export const rpcTimeoutMsDefault = 10_000

/** Bytes of one answer of an endpoint: some 5,000 logs with a URN in each. */
export const rpcAnswerBytesMax: number = 10 * MIB

/** Blocks whose logs are asked for at once, at first and at most; halved when it is refused. Many endpoints take 1,000. */
export const logBlocksMax = 10_000

/** Blocks that may be waited for until what stands in one counts: an hour on Ethereum. */
export const confirmationsMax = 300

/** Events of a network session that are kept while its tasks are read: some 100 bytes each. */
export const sessionEventsMax = 1_000_000

/** Tasks of a network session that are asked for at the same time. */
export const taskReadConcurrency = 16

/** How often a chain is read anew when it is reorganised meanwhile. */
export const chainReadAttemptsMax = 3

/** Milliseconds between two looks at a chain. */
export const chainPollMsDefault = 2_000

/** Milliseconds between two looks at a chain of which no endpoint answers, at most: from `chainPollMsDefault` on, doubled. */
export const chainRetryMsMax = 60_000

/** Events of a chain, and heads of it, that are remembered to be withdrawn when their blocks are abandoned. */
export const withdrawableEventsMax = 10_000

/** Characters of a tile's name; the longest has 47. */
export const tilePathCharactersMax = 64

/** Hashes of a full tile, and entries that are stored together: what C2SP tlog-tiles says. */
export const tileHashes = 256

/** Entries that are appended to an audit trail at a time: few enough to be hashed between two other things. */
export const trailBatchMax = 4096

/** Tiles that are read at the same time to find entries by their digests. */
export const tileReadConcurrency = 16

/** Milliseconds that statements wait for others to be appended to the audit trail with: publishing competes for the drive. */
export const trailDelayMs = 200

/** Milliseconds before statements that could not be appended to the audit trail are tried again. */
export const trailRetryMs = 30_000

/** Statements that wait for the audit trail, each with its bundle kept on disk; with more, publishing waits for them. */
export const trailWaitingMax = 10_000

/** Milliseconds for the statements that wait to be appended when a node stops; what is left is at the next start. */
export const trailStopTimeoutMs = 2_000

/** Milliseconds between two checkpoints of one trail that are anchored, unless the host says otherwise: each is a transaction. */
export const anchorIntervalMsDefault = 3_600_000

/** Milliseconds for an anchor to write or read: blocks are slow, and a receipt waits for several. */
export const anchorTimeoutMs = 600_000

/** Milliseconds before the first new attempt to anchor after one that failed; doubled after each further one. */
export const anchorRetryMsMin = 5_000

/** Milliseconds between two attempts to anchor while nobody answers. */
export const anchorRetryMsMax = 900_000

/** Anchored checkpoints that are kept: one an hour for six weeks, and then every other one of the older half. */
export const anchoredMax = 1_000

/** Characters of an anchor's name: those of a CAIP-10 account. */
export const anchorIdCharactersMax = 128

/** Bytes of the record of what was anchored. */
export const anchorRecordBytesMax: number = 2 * MIB

/** Milliseconds for a call of a contract to be settled: some blocks, and those above them. */
export const settleTimeoutMs = 600_000

/** Milliseconds after which a transaction that is in no block is replaced by one that pays more. */
export const stuckTransactionMs = 60_000

/** Transactions that are sent for one call, when others take their nonces or what they did is not there. */
export const transactionAttemptsMax = 5

/** Blocks above the one of an anchored digest until it counts: three minutes of Ethereum, three seconds of a rollup. */
export const anchorConfirmationsDefault = 12

/** Blocks above the one of a precommit or commit until it counts: a miner has minutes for both. */
export const answerConfirmationsDefault = 1

/** Milliseconds that any wait for a chain may be given: a day. */
export const chainTimeoutMsMax = 86_400_000

/** Digests that an anchor writes with one call: some 1.5 million gas. */
export const anchoredAtOnceMax = 32

/** How often the newest block is looked for where an endpoint counts a block that it does not have. */
export const headLooksMax = 3

/** Milliseconds between these looks. */
export const headLookMs = 100

/** Blocks of one second that are looked through for an event: rollups make a few. */
export const sameTimeBlocksMax = 64

/** Milliseconds that the end of a task's precommits is waited for: three times what the network gives them. */
export const precommitWindowTimeoutMs = 900_000

/** Bytes of `verdicts.json`: the scores of all pairs of 256 answers take 6 MB. */
export const verdictsBytesMax: number = 16 * MIB

/** Bytes of what has to be read to check one file of evidence, payload aside: 256 manifests of usual size are 1 MB. */
export const evidenceCheckedBytesMax: number = 64 * MIB

/** Receipts of anchors in one file of evidence. */
export const anchorReceiptsMax = 64

/** Bytes of the receipts of anchors as JSON: 64 of 1 KiB. */
export const anchorReceiptsBytesMax: number = 64 * KIB

/** Characters of the reason that a contract gives for refusing a call, in messages. */
export const revertReasonCharactersMax = 200

/** Bytes of what a contract returns when it refuses a call: an error of its own has a few words of 32. */
export const revertDataBytesMax: number = KIB

/** Logs whose proofs are in one file of evidence. */
export const evidenceLogsMax = 64

/** Milliseconds for an anchor to be asked when evidence is verified. */
export const anchorReadTimeoutMs = 60_000

/** Bytes of evidence that are hashed before other work of the same thread gets its turn: about 50 ms in a browser. */
export const evidenceTurnBytes: number = 8 * MIB

/** Tasks of a network session that are audited in one call. */
export const sessionTasksMax = 10_000

/** Tasks of a session that are judged at the same time, each with all of its miners. */
export const sessionTasksConcurrency = 8

/** Milliseconds for one task of a session to be fetched, judged and published unless an option says more: two claims' time. */
export const sessionTaskTimeoutMsDefault = 600_000

/** Bytes from which a block is hashed by the runtime's own code where that can only be waited for: before, waiting costs more. */
export const nativeHashBytesMin: number = 16 * KIB

/** Bytes of a checkpoint as others keep it and send it on: a note with the node's own signature has less than half a kilobyte. */
export const seenCheckpointBytesMax: number = 4 * KIB

/** Bytes of the proof of a fork: two such checkpoints, and the hashes between them as text. */
export const forkBytesMax: number = 16 * KIB

/** Bytes of a message to a witness, and of its answer: a checkpoint, and a consistency proof of 54 hashes. */
export const witnessMessageBytesMax: number = 8 * KIB

/** Milliseconds for a witness to answer: it writes a small file. Nobody waits for one longer than that. */
export const witnessTimeoutMs = 5_000

/** Milliseconds for a node to show its own log: it makes a bundle of it, which takes seconds for a million entries. */
export const showLogTimeoutMs = 30_000

/** Milliseconds before a checkpoint is sent to witnesses, so that those of many publications in a row are sent as one. */
export const witnessDelayMs = 1_000

/** Milliseconds before a witness that did not take a checkpoint is told it again. */
export const witnessRetryMs = 30_000

/** Logs whose newest checkpoint a node keeps for others: a few hundred bytes of memory and a small file each. */
export const witnessedLogsMax = 4096

/** Logs of one node among them: each new disk is a new log, and the one that came first goes. */
export const witnessedLogsPerAddressMax = 4

/** Requests to a witness that are being answered at the same time: each costs two signatures and a file. */
export const witnessRequestsMax = 4

/** Requests to a witness that wait for their turn; more are told to come back. */
export const witnessRequestsWaitingMax = 256

/** Proofs of forks that a node keeps, the first one of each log: a node that wants to show more shows nothing new. */
export const forksMax = 1024

/** Times as long as it took to make the bundle of a trail, before another one is made because somebody who follows it asks. */
export const trailPublishShare = 4

/** Nodes whose audit trails a node follows: each is asked now and then. */
export const followedMax = 1024

/** Audit trails that are kept open after they were looked at once, without being followed: their hashes are read again else. */
export const shownLogsMax = 16

/** Logs that are kept of one followed node: each new disk of it is a new log. */
export const followedLogsPerNodeMax = 4

/** Entries of a followed log: 1.1 GB on disk. */
export const followedEntriesMax = 10_000_000

/** Milliseconds between two looks at a followed log. */
export const followIntervalMs = 60_000

/** Milliseconds for one such look: as much of a log as a slow link brings in that time. */
export const followTimeoutMs = 600_000

/** Places where a followed node can be reached. */
export const followProvidersMax = 8

/** Followed logs that are looked at at the same time. */
export const followConcurrency = 4

/** Bytes of what is noted of a followed node: which log, and eight places where it can be dialled. */
export const followsBytesMax: number = 16 * KIB

/** Statements of evidence in one answer, and delegations beside them: more oracles than judge one task. */
export const foundEvidenceMax = 8

/** Bytes of a question about evidence: three numbers of 78 digits and two addresses have less than 300. */
export const evidenceRequestBytesMax: number = KIB

/** Bytes of its answer: as many statements and delegations as there may be. */
export const evidenceAnswerBytesMax: number = 16 * KIB

/** Milliseconds for a peer to say which evidence it has. Nobody waits for one longer than that. */
export const evidenceTimeoutMs = 5_000

/** Milliseconds in which a question about evidence is answered: functions that decide who may read get as long, all together. */
export const evidenceServeTimeoutMs = 4_000

/** Questions about evidence that are being answered at the same time: each looks at what is known of every bundle. */
export const evidenceRequestsMax = 4

/** Questions about evidence that wait for their turn; more are told to come back. */
export const evidenceRequestsWaitingMax = 256

/** Peers that are asked for the evidence on a task at the same time. */
export const evidenceAskedConcurrency = 8

/** Milliseconds for the trail of an oracle to be looked at when evidence is looked for; then what was seen before counts. */
export const evidenceTrailTimeoutMs = 30_000

/** Versions of datasets that the bundle of a trail names: older ones are found by their successors. */
export const trailDatasetsMax = 512

/** Bytes of that list: each has a statement, and may have a delegation, of at most a KiB each. */
export const trailDatasetsBytesMax: number = MIB

/** Sizes of an oracle's log, from the newest one back, whose checkpoints are looked up in anchors: one call each. */
export const anchoredSizesMax = 16

/** Files that `croissant.json` names one by one: a reader holds all of it, and more are described as sets. */
export const croissantFileObjectsMax = 1_000

/** Sets of files that `croissant.json` describes by the ends of their names; what is beyond them goes into one more. */
export const croissantFileSetsMax = 32

/** Files that are looked at to describe a dataset before other work has its turn: some 10 ms. */
export const describedFilesAtOnce = 1_000

/** Bytes of `croissant.json` when it is read: what a thousand files with a thousand columns each take. */
export const croissantBytesMax: number = 64 * MIB

/** Bytes of `provenance.json`: some hundred thousand files or row groups. */
export const provenanceBytesMax: number = 64 * MIB

/** Columns that are described of one file; of a file with more, none. */
export const describedColumnsMax = 1_000

/** Results that one version of a dataset may name as what it was made from: all of them stand in `provenance.json`. */
export const lineageResultsMax = 50_000

/** Result bundles whose manifests are read at the same time, to say who made a dataset. */
export const lineageReadConcurrency = 16

/** Versions of a dataset in one answer: whoever wants older ones follows the predecessors. */
export const datasetAnswerVersionsMax = 256

/** Bytes of a question for the versions of a dataset: an address, a name and a version. */
export const datasetQueryBytesMax: number = KIB

/** Bytes of the answer to it: 256 statements with their roots. */
export const datasetAnswerBytesMax: number = 512 * KIB

/** Milliseconds for a connected node to say which versions of a dataset it has. */
export const datasetAskTimeoutMs = 5_000

/** Nodes that are asked for the versions of a dataset. */
export const datasetAskedMax = 16

/** Milliseconds between looks for new versions of a dataset that is mirrored, unless its host says otherwise. */
export const mirrorIntervalMsDefault = 60_000

/** Blocks of two directories that are read at the same time to compare them: each may be a round trip. */
export const diffReadConcurrency = 32

/**
 * Inner blocks that are fetched one by one because most of a DAG is here already; with more, it is fetched as if nothing were.
 */
export const deltaBlocksMax = 4_096

/** Bytes of one row of JSON Lines or CSV, and of a row that is proven: it is in memory as a whole. */
export const rowBytesMax: number = 16 * MIB

/** Columns of a table: ten times the widest that training data has. */
export const tableColumnsMax = 10_000

/** Bytes of the footer of a Parquet file: hundreds of row groups of a thousand columns. */
export const parquetFooterBytesMax: number = 16 * MIB

/** Values in the footer of a Parquet file: some 40 for each column of each row group, each an object in memory. */
export const parquetFooterValuesMax = 2_000_000

/** Structures inside each other in the footer of a Parquet file: its own are seven deep. */
export const thriftDepthMax = 16

/** Columns inside columns of a Parquet file. */
export const parquetNestingMax = 32

/** Bytes of the end of a Parquet file that are read first: most footers are in them, and most often one block. */
export const parquetTailBytes: number = 64 * KIB

/** Bytes of the header of a page of a Parquet file, with its statistics. */
export const parquetPageHeaderBytesMax: number = MIB

/** Values of all columns that are read of one row group of a Parquet file. */
export const parquetGroupValuesMax: number = 32 * MIB

/** Bytes, decompressed, of all columns that are read of one row group of a Parquet file. */
export const parquetGroupBytesMax: number = GIB

/** Bytes of row groups that are fetched before they are read: the rows of one are used while those of others come. */
export const parquetAheadBytesMax: number = 16 * MIB

/** Bytes between two columns that are read up to which one request brings both: of a file cut by pages, a block has as many. */
export const parquetGapBytesMax: number = 64 * KIB

/** Bytes of `rows.json`: two numbers and a hash. */
export const rowsHeadBytesMax: number = KIB

/** Bytes of what is said of one table in `rows.jsonl`: its path, and the header of a CSV. */
export const tableRowsBytesMax: number = MIB

/** Bytes of the proof of a row: the row itself, its table's header, two blocks, and some 50 hashes twice. */
export const rowProofBytesMax: number = 4 * rowBytesMax

/** Bytes of the rows that one call appends to a dataset, as they are kept on disk. */
export const appendBytesMax: number = 16 * MIB

/** Bytes of appended rows, as they are kept on disk, from which they make a row group: they are in memory until then. */
export const appendGroupBytes: number = 8 * MIB

/** Rows that make a row group unless it is said otherwise. */
export const appendGroupRowsDefault = 10_000

/** Rows of a row group that a host may ask for. */
export const appendGroupRowsMax = 1_000_000

/** Bytes of the files in which appended rows are kept: a row group, and what one call may add to it. */
export const appendFileBytesMax: number = 2 * (appendBytesMax + appendGroupBytes)

/** Results of which rows wait for the next version: where they came from is in memory, and each is a line beside the table. */
export const appendResultsMax = 50_000

/** Bytes of what is said of one result beside a table of appended rows: a statement, a task, three roots, and names. */
export const rowLineageBytesMax: number = 8 * KIB

/** Lines of what is said of results that are read or written before other work has its turn: some 10 ms. */
export const rowLineageAtOnce = 100

/** Characters of the name or digest of a model that rows came from, so that what is said of a result stays within its bound. */
export const rowModelCharactersMax = 250

/** Rows of which the hashes are in memory while two tables are compared: some 100 bytes each. */
export const diffRowsMax = 1_000_000

/** Parts of so many rows in which two tables are compared: both are read for each of them. */
export const diffPartsMax = 100

/** Bytes of rows that changed, as JSON, which are in memory until they are put beside what they were. */
export const diffPendingBytesMax: number = 32 * MIB

/** Rows of JSON Lines or CSV from which the columns of a table are told when it is opened. */
export const sampleRowsMax = 1_000
