// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// A session queue with the signatures and events of the network's own contract, whose source is not public. What it does beside
/// them is the least that makes a task's life: assign, acknowledge, precommit, commit, end.
contract SessionQueueV2 {
    enum TaskStatus { Queued, Assigned, Acked, Precommitted, Committed, Ended }

    struct Task {
        uint256 id;
        uint256 gid;
        uint256 sessionId;
        string data;
        address[] assignedMiners;
        bool ended;
        TaskStatus status;
        uint256 createdAt;
        uint256 lastPrecommitAt;
        uint256 lastCommitAt;
        uint256 finishedAt;
    }

    struct Answer {
        bool assigned;
        bool acked;
        bool committed;
        bytes32 hash;
        string data;
    }

    event TaskQueued(uint256 sessionId, uint256 taskId, uint256 globalId, string taskData);
    event TaskAssigned(uint256 sessionId, uint256 taskId, address[] miners);
    event TaskAcked(uint256 sessionId, uint256 taskId, address miner);
    event TaskPrecommitted(uint256 sessionId, uint256 taskId, address miner);
    event TaskAllPrecommitted(uint256 sessionId, uint256 taskId, address[] miners);
    event TaskPrecommitEnded(uint256 sessionId, uint256 taskId);
    event TaskCommitted(uint256 sessionId, uint256 taskId, address miner);
    event TaskAllCommitted(uint256 sessionId, uint256 taskId, address[] miners);
    event TaskCommitEnded(uint256 sessionId, uint256 taskId);
    event TaskEnded(uint256 sessionId, uint256 taskId, address[] miners);

    error NotTheOwner(address caller);
    error NoSuchTask(uint256 sessionId, uint256 taskId);
    error NotAssigned(address miner);
    error AlreadyDone(address miner);
    error WrongPhase(TaskStatus status);
    error HashMismatch(bytes32 committed, bytes32 actual);

    address public owner = msg.sender;
    mapping(uint256 sessionId => uint256) public sessionTaskCount;
    mapping(uint256 sessionId => mapping(uint256 taskId => Task)) public sessionTasks;
    mapping(uint256 sessionId => mapping(uint256 taskId => mapping(address => Answer))) private answers;
    mapping(uint256 sessionId => mapping(uint256 taskId => uint256)) private precommits;
    mapping(uint256 sessionId => mapping(uint256 taskId => uint256)) private commits;
    uint256 private globalCount;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotTheOwner(msg.sender);
        _;
    }

    function transferOwnership(address newOwner) external onlyOwner {
        owner = newOwner;
    }

    function enqueueTask(uint256 sessionId, string calldata taskData, uint256, string calldata, uint256[] calldata)
        external onlyOwner returns (uint256 taskId)
    {
        taskId = sessionTaskCount[sessionId]++;
        Task storage task = sessionTasks[sessionId][taskId];
        task.id = taskId;
        task.gid = globalCount++;
        task.sessionId = sessionId;
        task.data = taskData;
        task.createdAt = block.timestamp;
        emit TaskQueued(sessionId, taskId, task.gid, taskData);
    }

    function assignTask(uint256 sessionId, uint256 taskId, address[] calldata addrs) external onlyOwner {
        Task storage task = find(sessionId, taskId);
        if (task.status != TaskStatus.Queued) revert WrongPhase(task.status);
        task.assignedMiners = addrs;
        task.status = TaskStatus.Assigned;
        for (uint256 i = 0; i < addrs.length; i++) answers[sessionId][taskId][addrs[i]].assigned = true;
        emit TaskAssigned(sessionId, taskId, addrs);
    }

    function ack(uint256 sessionId, uint256 taskId) external {
        Answer storage answer = answerOf(sessionId, taskId);
        if (answer.acked) revert AlreadyDone(msg.sender);
        answer.acked = true;
        emit TaskAcked(sessionId, taskId, msg.sender);
    }

    function precommit(uint256 sessionId, uint256 taskId, bytes32 hash, string calldata) external {
        Task storage task = find(sessionId, taskId);
        if (task.status != TaskStatus.Assigned) revert WrongPhase(task.status);
        Answer storage answer = answerOf(sessionId, taskId);
        if (answer.hash != 0) revert AlreadyDone(msg.sender);
        answer.hash = hash;
        task.lastPrecommitAt = block.timestamp;
        emit TaskPrecommitted(sessionId, taskId, msg.sender);
        if (++precommits[sessionId][taskId] < task.assignedMiners.length) return;
        emit TaskAllPrecommitted(sessionId, taskId, task.assignedMiners);
        closePrecommits(task);
    }

    /// What is committed has to be what the hash of the precommit was of.
    function commit(uint256 sessionId, uint256 taskId, string calldata data) external {
        Task storage task = find(sessionId, taskId);
        if (task.status != TaskStatus.Precommitted) revert WrongPhase(task.status);
        Answer storage answer = answerOf(sessionId, taskId);
        if (answer.committed) revert AlreadyDone(msg.sender);
        if (!verifyHash(data, answer.hash)) revert HashMismatch(answer.hash, getHash(data));
        answer.committed = true;
        answer.data = data;
        task.lastCommitAt = block.timestamp;
        emit TaskCommitted(sessionId, taskId, msg.sender);
        if (++commits[sessionId][taskId] < precommits[sessionId][taskId]) return;
        emit TaskAllCommitted(sessionId, taskId, task.assignedMiners);
        close(task);
    }

    /// Ends the window of precommits for those who have not come.
    function endPrecommit(uint256 sessionId, uint256 taskId, bool) external onlyOwner {
        Task storage task = find(sessionId, taskId);
        if (task.status != TaskStatus.Assigned) revert WrongPhase(task.status);
        closePrecommits(task);
    }

    /// Ends a task for those who have not committed.
    function end(uint256 sessionId, uint256 taskId, bool) external onlyOwner {
        Task storage task = find(sessionId, taskId);
        if (task.ended) revert WrongPhase(task.status);
        close(task);
    }

    function getTask(uint256 sessionId, uint256 taskId) external view returns (Task memory) {
        return find(sessionId, taskId);
    }

    function getTasksBySessionId(uint256 sessionId) external view returns (Task[] memory tasks) {
        tasks = new Task[](sessionTaskCount[sessionId]);
        for (uint256 i = 0; i < tasks.length; i++) tasks[i] = sessionTasks[sessionId][i];
    }

    function getTaskCountBySessionId(uint256 sessionId) external view returns (uint256) {
        return sessionTaskCount[sessionId];
    }

    function getTaskResults(uint256 sessionId, uint256 taskId) external view returns (address[] memory miners, string[] memory results) {
        (miners, results,) = getTaskResultsAndHashes(sessionId, taskId);
    }

    function getAllTaskResults(uint256 sessionId)
        external view returns (address[][] memory miners, string[][] memory results, bytes32[][] memory hashes)
    {
        uint256 count = sessionTaskCount[sessionId];
        (miners, results, hashes) = (new address[][](count), new string[][](count), new bytes32[][](count));
        for (uint256 i = 0; i < count; i++) (miners[i], results[i], hashes[i]) = getTaskResultsAndHashes(sessionId, i);
    }

    function getTaskResultsAndHashes(uint256 sessionId, uint256 taskId)
        public view returns (address[] memory miners, string[] memory results, bytes32[] memory hashes)
    {
        miners = sessionTasks[sessionId][taskId].assignedMiners;
        (results, hashes) = (new string[](miners.length), new bytes32[](miners.length));
        for (uint256 i = 0; i < miners.length; i++) {
            Answer storage answer = answers[sessionId][taskId][miners[i]];
            (results[i], hashes[i]) = (answer.data, answer.hash);
        }
    }

    function getHash(string calldata str) public pure returns (bytes32) {
        return keccak256(bytes(str));
    }

    function verifyHash(string calldata str, bytes32 expectedHash) public pure returns (bool) {
        return getHash(str) == expectedHash;
    }

    function closePrecommits(Task storage task) private {
        task.status = TaskStatus.Precommitted;
        emit TaskPrecommitEnded(task.sessionId, task.id);
    }

    function close(Task storage task) private {
        task.status = TaskStatus.Ended;
        task.ended = true;
        task.finishedAt = block.timestamp;
        emit TaskCommitEnded(task.sessionId, task.id);
        emit TaskEnded(task.sessionId, task.id, task.assignedMiners);
    }

    function find(uint256 sessionId, uint256 taskId) private view returns (Task storage) {
        if (taskId >= sessionTaskCount[sessionId]) revert NoSuchTask(sessionId, taskId);
        return sessionTasks[sessionId][taskId];
    }

    function answerOf(uint256 sessionId, uint256 taskId) private view returns (Answer storage answer) {
        answer = answers[sessionId][taskId][msg.sender];
        if (!answer.assigned) revert NotAssigned(msg.sender);
    }
}
