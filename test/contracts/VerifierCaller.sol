// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {DataNodeVerifier} from "cortensor-datanode/contracts/DataNodeVerifier.sol";

/// Lets a test call what is internal to the library.
contract VerifierCaller {
    function hashTask(DataNodeVerifier.TaskReference calldata task) external pure returns (bytes32) {
        return DataNodeVerifier.hashTask(task);
    }

    function hashStatement(DataNodeVerifier.Statement calldata statement) external pure returns (bytes32) {
        return DataNodeVerifier.hashStatement(statement);
    }

    function verifyStatement(DataNodeVerifier.Statement calldata statement, bytes calldata signature) external pure returns (address) {
        return DataNodeVerifier.verifyStatement(statement, signature);
    }

    function verifyInclusion(bytes32 entry, uint256 index, uint256 size, bytes32 root, bytes32[] calldata proof)
        external pure returns (bool)
    {
        return DataNodeVerifier.verifyInclusion(entry, index, size, root, proof);
    }
}
