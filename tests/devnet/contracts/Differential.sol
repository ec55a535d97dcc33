// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

// What the differential test needs on the chain: somebody who asks many things of a pool in one call,
// feeds that misbehave, a sequencer, and whoever receives a flash loan.

interface IPool {
    function getUserAccountData(address account)
        external
        view
        returns (uint256, uint256, uint256, uint256, uint256, uint256);
    function getUserConfiguration(address account) external view returns (uint256);
    function getUserEMode(address account) external view returns (uint256);
    function liquidationCall(address collateral, address debt, address account, uint256 repay, bool receiveToken)
        external;
    function flashLoan(
        address receiver,
        address[] calldata assets,
        uint256[] calldata amounts,
        uint256[] calldata modes,
        address onBehalfOf,
        bytes calldata params,
        uint16 referral
    ) external;
}

interface IToken {
    function balanceOf(address account) external view returns (uint256);
}

contract Prober {
    struct Try {
        address account;
        address debt;
        address collateral;
        uint256 argument;
        address aToken; // of the collateral where that is taken, else 0
    }

    /// In one asset both ways `paid` is what is gone on balance, wrapped where it is less than nothing.
    error Outcome(uint256 paid, uint256 seized);

    /// Nine words each: answered, the six of getUserAccountData, flags, e-mode.
    function accounts(IPool pool, address[] calldata list) external view returns (uint256[] memory words) {
        words = new uint256[](list.length * 9);
        for (uint256 i = 0; i < list.length; i++) {
            uint256 at = i * 9;
            try pool.getUserAccountData(list[i]) returns (
                uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f
            ) {
                (words[at], words[at + 1], words[at + 2], words[at + 3]) = (1, a, b, c);
                (words[at + 4], words[at + 5], words[at + 6]) = (d, e, f);
            } catch {}
            words[at + 7] = pool.getUserConfiguration(list[i]);
            words[at + 8] = pool.getUserEMode(list[i]);
        }
    }

    /// Three words each: 1 paid seized, or 0, the length of what it reverted with, its first word.
    function probe(IPool pool, Try[] calldata tries) external returns (uint256[] memory words) {
        words = new uint256[](tries.length * 3);
        for (uint256 i = 0; i < tries.length; i++) {
            try this.attempt(pool, tries[i]) {} catch (bytes memory why) {
                (words[i * 3], words[i * 3 + 1], words[i * 3 + 2]) = read(why);
            }
        }
    }

    function read(bytes memory why) private pure returns (uint256 done, uint256 first, uint256 second) {
        uint256 selector = why.length < 4 ? 0 : uint256(uint32(bytes4(why)));
        if (selector == uint256(uint32(Outcome.selector))) {
            assembly {
                first := mload(add(why, 36))
                second := mload(add(why, 68))
            }
            return (1, first, second);
        }
        if (selector == 0x08c379a0) {
            assembly {
                second := mload(add(why, 100))
            }
            return (0, why.length, second);
        }
        // a custom error by its four bytes; a panic by its code
        if (selector == 0x4e487b71) {
            assembly {
                second := mload(add(why, 36))
            }
            return (2, why.length, second);
        }
        return (3, why.length, selector);
    }

    /// Always reverts, so that the next one finds the chain as it was.
    function attempt(IPool pool, Try calldata t) external {
        _do(t.debt, abi.encodeWithSignature("mint(address,uint256)", address(this), uint256(1) << 160));
        _do(t.debt, abi.encodeWithSignature("approve(address,uint256)", address(pool), type(uint256).max));
        IToken wanted = IToken(t.aToken == address(0) ? t.collateral : t.aToken);
        uint256 held = IToken(t.debt).balanceOf(address(this));
        uint256 owned = wanted.balanceOf(address(this));
        pool.liquidationCall(t.collateral, t.debt, t.account, t.argument, t.aToken != address(0));
        uint256 seized = wanted.balanceOf(address(this));
        unchecked {
            seized = t.debt == address(wanted) ? 0 : seized - owned;
            revert Outcome(held - IToken(t.debt).balanceOf(address(this)), seized);
        }
    }

    function _do(address to, bytes memory data) private {
        (bool done,) = to.call(data);
        require(done, "probe");
    }
}

interface IAggregator {
    function latestAnswer() external view returns (int256);
    function latestTimestamp() external view returns (uint256);
}

/// The address that a protocol holds: its aggregator can be replaced, it may cap, and it may fail.
contract OddFeed {
    IAggregator public aggregator;
    int256 public cap;
    bool public fails;

    constructor(IAggregator aggregator_) {
        aggregator = aggregator_;
    }

    function point(IAggregator to) external {
        aggregator = to;
    }

    function setCap(int256 to) external {
        cap = to;
    }

    function setFails(bool to) external {
        fails = to;
    }

    function decimals() external pure returns (uint8) {
        return 8;
    }

    function latestTimestamp() external view returns (uint256) {
        return aggregator.latestTimestamp();
    }

    function latestAnswer() external view returns (int256 answer) {
        require(!fails, "feed");
        answer = aggregator.latestAnswer();
        if (cap != 0 && answer > cap) answer = cap;
    }
}

contract Sequencer {
    int256 public down;
    uint256 public since;

    function set(int256 down_, uint256 since_) external {
        (down, since) = (down_, since_);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, down, since, since, 1);
    }
}

/// Takes a flash loan that stays as debt, and keeps the money.
contract FlashTaker {
    function executeOperation(address[] calldata, uint256[] calldata, uint256[] calldata, address, bytes calldata)
        external
        pure
        returns (bool)
    {
        return true;
    }

    /// Asked by anybody: the debt is opened for whoever has delegated to us.
    function take(IPool pool, address asset, uint256 amount, address onBehalfOf) external {
        address[] memory assets = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        uint256[] memory modes = new uint256[](1);
        (assets[0], amounts[0], modes[0]) = (asset, amount, 2);
        pool.flashLoan(address(this), assets, amounts, modes, onBehalfOf, "", 0);
    }
}

contract Minter {
    function mint(address[] calldata tokens, address[] calldata to, uint256 amount) external {
        for (uint256 i = 0; i < tokens.length; i++) {
            for (uint256 j = 0; j < to.length; j++) {
                (bool done,) =
                    tokens[i].call(abi.encodeWithSignature("mint(address,uint256)", to[j], amount));
                require(done, "mint");
            }
        }
    }
}
