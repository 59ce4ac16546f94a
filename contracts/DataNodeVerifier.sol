// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What a contract can check of a data node's word: that a node signed a statement, and that a log has an entry. Both need nothing but
/// what is given: no storage, and no calls but of the precompiles. All functions are internal, and compiled into the contract that
/// uses them.
///
/// A statement is EIP-712 data in the domain `{ name: "cortensor-datanode", version: "1" }`, without a chain id: a task reference has
/// its own. A log is a Merkle tree of RFC 6962: SHA-256, an entry hashed behind 0x00 and two children behind 0x01. The entries of a
/// node's audit trail are digests of statements.
library DataNodeVerifier {
    /// A task of the network. Task ids count from 0 in each session.
    struct TaskReference {
        uint256 chainId;
        address queue;
        uint256 sessionId;
        uint256 taskId;
    }

    /// A node's word that it published a root. `root` and `answers` are SHA-256 digests of root blocks, `answers` zero where nothing is
    /// answered; `task` is `hashTask(…)`, or zero where no task is known; `time` is in seconds since 1970, as the signer claims it.
    struct Statement {
        string kind;
        bytes32 root;
        bytes32 answers;
        bytes32 task;
        string access;
        bytes32 salt;
        uint64 time;
    }

    error WrongSignature();
    error WrongProofLength(uint256 given, uint256 needed);
    error NoSuchEntry(uint256 index, uint256 size);

    bytes32 internal constant DOMAIN_SEPARATOR = keccak256(
        abi.encode(keccak256("EIP712Domain(string name,string version)"), keccak256("cortensor-datanode"), keccak256("1"))
    );
    bytes32 internal constant TASK_TYPE =
        keccak256("TaskReference(uint256 chainId,address queue,uint256 sessionId,uint256 taskId)");
    bytes32 internal constant STATEMENT_TYPE = keccak256(
        "Statement(string kind,bytes32 root,bytes32 answers,bytes32 task,string access,bytes32 salt,uint64 time)"
    );
    /// secp256k1's order, halved: of the two signatures that each one can be turned into only that with the lower s is taken.
    uint256 internal constant S_MAX = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// hashStruct(TaskReference): what stands for a task in a statement.
    function hashTask(TaskReference memory task) internal pure returns (bytes32) {
        return keccak256(abi.encode(TASK_TYPE, task.chainId, task.queue, task.sessionId, task.taskId));
    }

    /// The 32 bytes that are signed, and the entry of an audit trail.
    function hashStatement(Statement memory statement) internal pure returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                STATEMENT_TYPE,
                keccak256(bytes(statement.kind)),
                statement.root,
                statement.answers,
                statement.task,
                keccak256(bytes(statement.access)),
                statement.salt,
                statement.time
            )
        );
        return keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR, structHash));
    }

    /// Finds who signed a statement; that it is the right one is for the caller to check.
    ///
    /// @param signature 65 bytes: r, s (low), v (27 or 28)
    /// @return signer never zero: it reverts with WrongSignature where nobody can have signed
    function verifyStatement(Statement memory statement, bytes memory signature) internal pure returns (address signer) {
        if (signature.length != 65) revert WrongSignature();
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
            v := byte(0, mload(add(signature, 96)))
        }
        if (uint256(s) > S_MAX || (v != 27 && v != 28)) revert WrongSignature();
        signer = ecrecover(hashStatement(statement), v, r, s);
        if (signer == address(0)) revert WrongSignature();
    }

    /// Tells whether a tree has an entry at an index (RFC 9162, section 2.1.3.2).
    ///
    /// @param root of the tree of the first `size` entries: what a checkpoint says
    /// @param proof the hash beside the entry first, that below the root last
    function verifyInclusion(bytes32 entry, uint256 index, uint256 size, bytes32 root, bytes32[] memory proof)
        internal pure returns (bool)
    {
        if (index >= size) revert NoSuchEntry(index, size);
        bytes32 hash = sha256(abi.encodePacked(bytes1(0x00), entry));
        (uint256 place, uint256 last, uint256 used) = (index, size - 1, 0);
        // Up from the entry: `place` is where it is in its level, `last` where the last node there is. A last node without a neighbour has no
        // hash beside it, and is its own parent.
        for (; last > 0; (place, last) = (place >> 1, last >> 1)) {
            bool isRight = place & 1 == 1;
            if (!isRight && place == last) continue;
            if (used == proof.length) revert WrongProofLength(proof.length, used + 1);
            bytes32 beside = proof[used++];
            hash = isRight ? hashChildren(beside, hash) : hashChildren(hash, beside);
        }
        if (used != proof.length) revert WrongProofLength(proof.length, used);
        return hash == root;
    }

    function hashChildren(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
