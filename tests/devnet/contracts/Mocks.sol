// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

// What a market needs around it and no protocol brings: tokens that anybody may mint, and price
// feeds of Chainlink's shape, an aggregator that announces its answers behind a proxy that does not.

contract MockToken {
    string public name;
    string public symbol;
    uint8 public immutable decimals;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(string memory symbol_, uint8 decimals_) {
        name = string.concat("Mock ", symbol_);
        symbol = symbol_;
        decimals = decimals_;
    }

    function mint(address to, uint256 value) external {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function approve(address spender, uint256 value) external virtual {
        _approve(spender, value);
        _answerTrue();
    }

    function transfer(address to, uint256 value) external {
        _move(msg.sender, to, value);
        _answerTrue();
    }

    function transferFrom(address from, address to, uint256 value) external {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        _move(from, to, value);
        _answerTrue();
    }

    function _approve(address spender, uint256 value) internal {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function _move(address from, address to, uint256 value) private {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }

    /// What most tokens answer; the one below answers nothing.
    function _answerTrue() internal virtual {
        assembly {
            mstore(0, 1)
            return(0, 32)
        }
    }
}

/// As mainnet's USDT: answers nothing, and refuses to change an allowance that is not zero.
contract MockSilentToken is MockToken {
    constructor(string memory symbol_, uint8 decimals_) MockToken(symbol_, decimals_) {}

    function approve(address spender, uint256 value) external override {
        require(value == 0 || allowance[msg.sender][spender] == 0, "allowance is not zero");
        _approve(spender, value);
    }

    function _answerTrue() internal override {}
}

contract MockAggregator {
    uint8 public constant decimals = 8;
    int256 public latestAnswer;
    uint256 public latestTimestamp;
    uint256 public latestRound;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    constructor(int256 answer) {
        set(answer);
    }

    function set(int256 answer) public {
        latestAnswer = answer;
        latestTimestamp = block.timestamp;
        latestRound++;
        emit AnswerUpdated(answer, latestRound, block.timestamp);
    }
}

/// The address that a protocol holds.
contract MockFeed {
    MockAggregator public aggregator;

    constructor(MockAggregator aggregator_) {
        aggregator = aggregator_;
    }

    function decimals() external view returns (uint8) {
        return aggregator.decimals();
    }

    function latestAnswer() external view returns (int256) {
        return aggregator.latestAnswer();
    }

    function latestTimestamp() external view returns (uint256) {
        return aggregator.latestTimestamp();
    }

    function latestRoundData()
        external
        view
        returns (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn)
    {
        round = uint80(aggregator.latestRound());
        answer = aggregator.latestAnswer();
        startedAt = updatedAt = aggregator.latestTimestamp();
        answeredIn = round;
    }
}
