"""What Prometheus would have seen of a head office in a state, and which alerts then ring.

A scenario is half an hour of one page of /metrics, as a real head office gave it, and what follows
of another. promtool counts the time from 1970: what is a time in the figures is moved there.
"""

import json
import re
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

JOB = {"job": "hymio", "instance": "feedback.example.com:8443"}
BEFORE_MINUTES = 30
_RINGING = 'count by (alertname) (ALERTS{alertstate="firing"})'


class Page(NamedTuple):
    """One page of /metrics, and the Unix time at which it was read."""

    text: str
    at_s: float

    def values(self, names: Collection[str]) -> dict[str, float]:
        """The figures of these names; times as how long ago or ahead they are."""
        return {
            _selector(sample.name, sample.labels): sample.value
            - (self.at_s if sample.name.endswith("_timestamp_seconds") and sample.value else 0)
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name in names
        }


class Scenario(NamedTuple):
    """Half an hour of ``before``, then ``after``; None: the head office does not answer."""

    name: str
    before: Page
    after: Page | None
    rings: frozenset[str]
    minutes: int = 45
    """How long the second state lasts until it is looked which alerts ring."""
    is_target: bool = True
    """Whether Prometheus knows the head office in the second state."""

    @property
    def step(self) -> int:
        """Minutes between two readings; what lasts for days is not read every minute."""
        return 1 if self.minutes <= 2 * 60 else BEFORE_MINUTES


def ring(rules: Path, scenarios: Iterable[Scenario], folder: Path) -> str:
    """What promtool says of the rules in these scenarios; empty if each rings as it should."""
    names = set(re.findall(r"hymio_\w+", rules.read_text()))
    files = []
    by_step = attrgetter("step")
    for step, some in groupby(sorted(scenarios, key=by_step), by_step):
        tests = [_test(scenario, names) for scenario in some]
        said = {"rule_files": [str(rules)], "evaluation_interval": f"{step}m", "tests": tests}
        files.append(folder / f"every-{step}-minutes.json")
        # JSON is YAML, too.
        files[-1].write_text(json.dumps(said))
    done = subprocess.run(
        ["promtool", "test", "rules", *files], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def alerts_in(rules: Path) -> set[str]:
    return set(re.findall(r"- alert: (\w+)", rules.read_text()))


def _test(scenario: Scenario, names: Collection[str]) -> dict[str, object]:
    end = BEFORE_MINUTES + scenario.minutes
    rings = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(scenario.rings)]
    return {
        "interval": f"{scenario.step}m",
        "name": scenario.name,
        "input_series": [*_series(scenario, names), _up(scenario)],
        "promql_expr_test": [
            {"expr": _RINGING, "eval_time": f"{end}m", "exp_samples": rings},
            {"expr": _RINGING, "eval_time": f"{BEFORE_MINUTES - 1}m", "exp_samples": []},
        ],
    }


def _series(scenario: Scenario, names: Collection[str]) -> Iterator[dict[str, str]]:
    before = scenario.before.values(names)
    after = scenario.after.values(names) if scenario.after else {}
    first, more = BEFORE_MINUTES // scenario.step, scenario.minutes // scenario.step
    for name, value in before.items():
        told = f"{value:.3f}x{first - 1}"
        if name not in after:
            yield {"series": name, "values": f"{told} stale"}
            continue
        # What is counted goes on growing as it did between the two pages.
        grown = after[name] - value if "_total{" in name else 0.0
        yield {"series": name, "values": f"{told} {after[name]:.3f}{grown:+.3f}x{more}"}
    for name in after.keys() - before.keys():
        yield {"series": name, "values": f"_x{first} {after[name]:.3f}x{more}"}


def _up(scenario: Scenario) -> dict[str, str]:
    first, more = BEFORE_MINUTES // scenario.step, scenario.minutes // scenario.step
    after = f"{0 if scenario.after is None else 1}x{more}" if scenario.is_target else "stale"
    return {"series": _selector("up", {}), "values": f"1x{first - 1} {after}"}


def _selector(name: str, labels: Mapping[str, str]) -> str:
    told = ", ".join(f"{key}={json.dumps(value)}" for key, value in {**labels, **JOB}.items())
    return f"{name}{{{told}}}"
