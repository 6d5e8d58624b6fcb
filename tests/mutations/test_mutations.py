"""The proof proves something: whoever breaks the promise is told by a test with a name."""

import sys
from pathlib import Path

import pytest
from mutations.breakages import MUTATIONS, Checkout

FAILED = 1
"""pytest's exit code for tests that ran and failed; a broken import would give another one."""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_mutation_is_caught_by_the_test_that_is_named_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    sound = checkout.run(*sorted({mutation.test for mutation in MUTATIONS}))
    assert sound.returncode == 0, sound.stdout
    survived, table = [], []
    for mutation in MUTATIONS:
        before = checkout.apply(mutation)
        done = checkout.run(mutation.test)
        for file, text in before.items():
            file.write_text(text)
        caught = done.returncode == FAILED
        table.append(f"  {mutation.name:<52} {'caught by' if caught else 'NOT CAUGHT BY'} "
                     f"{mutation.test.rpartition('::')[2]}")  # fmt: skip
        if not caught:
            survived.append(f"{mutation.name}: exit code {done.returncode}\n{done.stdout[-3000:]}")
    with capsys.disabled():
        sys.stdout.write("\n".join([f"\n{len(MUTATIONS)} mutations", *table, ""]))
    assert survived == []


def test_a_mutation_that_no_longer_applies_says_so(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout")
    file = checkout.folder / MUTATIONS[0].edits[0].file
    file.write_text("# rewritten\n")
    with pytest.raises(LookupError, match="no longer applies"):
        checkout.apply(MUTATIONS[0])
