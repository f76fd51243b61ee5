"""A validator that raises an exception in the middle of its work."""

from wit_world import exports


class Validator(exports.Validator):
    """The exported interface `validator`."""

    def check(self):
        return []

    def run(self):
        print("about to look up a price")
        return price({"apple": 3}, "pear")


def price(prices, fruit):
    """What a fruit costs."""
    return prices[fruit]
