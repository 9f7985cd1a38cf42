"""docs/benchmarks.md: every part measured, said how, and judged by its goals."""

from collections.abc import Iterator
from pathlib import Path

from bench import endurance, growth, latency, machine, signature, start, throughput
from bench.effort import Effort
from bench.section import Section, table


def page(folder: Path, effort: Effort) -> str:
    """Measure everything, with this folder for databases; return the page in Markdown."""
    sections = list(_sections(folder, effort))
    goals = [goal.row for section in sections for goal in section.goals]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Written by `make bench` on {machine.description()} Times differ from machine to "
            "machine: what counts are the ratios, each taken within one round. A figure with a "
            "range is the median of all rounds, with the least and the most of them; the median "
            "decides whether a goal is met.",
            "",
            *table(("goal", "wanted", "reached", ""), goals),
            "",
            *(line for section in sections for line in section.lines()),
        ]
    )


def _sections(folder: Path, effort: Effort) -> Iterator[Section]:
    yield from throughput.sections(folder, effort)
    yield signature.section(effort)
    yield latency.section(folder, effort)
    yield growth.section(folder, effort)
    yield start.section(folder, effort)
    yield endurance.section(folder, effort)
