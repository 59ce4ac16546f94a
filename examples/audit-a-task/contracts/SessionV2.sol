// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SessionQueueV2} from "./SessionQueueV2.sol";

/// Network sessions, with the signatures and events of the network's own contract where a task's way goes through them. The
/// miners of a session are given with it, and all of them are assigned to each of its tasks.
contract SessionV2 {
    struct Session {
        address owner;
        address[] miners;
    }

    event SessionCreated(uint256 sessionId, bytes32 sid, address owner, address[] miners);
    event TaskSubmitted(uint256 sessionId, uint256 taskId, string taskData, string clientReference);

    error NotTheOwner(address caller);

    SessionQueueV2 public immutable queue;
    mapping(uint256 sessionId => Session) private sessions;
    uint256 private count;

    /// The queue has to be given to this contract afterwards: `queue.transferOwnership(session)`.
    constructor(SessionQueueV2 queue_) {
        queue = queue_;
    }

    function create(address[] calldata miners) external returns (uint256 sessionId) {
        sessionId = count++;
        sessions[sessionId] = Session(msg.sender, miners);
        emit SessionCreated(sessionId, keccak256(abi.encode(address(this), sessionId)), msg.sender, miners);
    }

    function submit(
        uint256 sessionId,
        uint256,
        string memory taskData,
        uint256 promptType,
        string memory promptTemplate,
        uint256[] memory llmParams,
        uint256[] memory,
        string memory clientReference
    ) external {
        checkOwner(sessionId);
        uint256 taskId = queue.enqueueTask(sessionId, taskData, promptType, promptTemplate, llmParams);
        emit TaskSubmitted(sessionId, taskId, taskData, clientReference);
        assign(sessionId, taskId);
    }

    /// Ends the window of precommits.
    function endPrecommit(uint256 sessionId, uint256 taskId) external {
        checkOwner(sessionId);
        queue.endPrecommit(sessionId, taskId, true);
    }

    /// Ends a task, whoever has not answered.
    function end(uint256 sessionId, uint256 taskId) external {
        checkOwner(sessionId);
        queue.end(sessionId, taskId, true);
    }

    function assign(uint256 sessionId, uint256 taskId) private {
        queue.assignTask(sessionId, taskId, sessions[sessionId].miners);
    }

    function checkOwner(uint256 sessionId) private view {
        if (msg.sender != sessions[sessionId].owner) revert NotTheOwner(msg.sender);
    }
}
