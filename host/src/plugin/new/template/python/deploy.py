"""Gives a new version half of the traffic, and all of it once a figure is known and fine."""

from dataclasses import dataclass

from lockflight import Action, Arm, DataError, Decision, Deploy, Job, Port, export, key


@dataclass(frozen=True)
class Config:
    metric: str = key(doc="The figure that decides.", min_length=1)
    maximum: float = key(doc="The largest value of it that is fine.")
    count: int = key(100, doc="How many observations it has to rest on.", ge=1)


@export
class Plugin(Deploy[Config]):
    def check(self, job: Job[Config]) -> list[Port]:
        job.input("arms"), job.input("figures")
        return []

    def run(self, job: Job[Config]) -> Decision:
        versions = [row[0] for batch in job.table("arms").scan(["version"]) for row in batch.records()]
        if not versions:
            raise DataError("there is no version to decide on")
        *others, newest = versions
        if not others:
            return Decision(Action.promote(newest), f"{newest} is the only version")
        value, count = self.observed(job, newest)
        metric = job.config.metric
        if value > job.config.maximum:
            return Decision(Action.roll_back(newest), f"{metric} of {newest} is {value}, above {job.config.maximum}")
        if count < job.config.count:
            half = [Arm(others[-1], 0.5), Arm(newest, 0.5)]
            return Decision(Action.shift(half), f"{metric} of {newest} rests on {count} of {job.config.count} observations")
        return Decision(Action.promote(newest), f"{metric} of {newest} is {value}")

    def observed(self, job: Job[Config], version: str) -> tuple[float, int]:
        """The figure of a version over all of its traffic that rests on the most observations: the value, and how many."""
        found = (float("-inf"), 0)
        for batch in job.table("figures").scan(["version", "metric", "slice", "value", "count"]):
            for of, metric, part, value, count in batch.records():
                if (of, metric, part) == (version, job.config.metric, None) and count > found[1]:
                    found = (value, count)
        return found
