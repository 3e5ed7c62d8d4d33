"""Threads: small tensors have one, whatever the rest of the process has, and give it back."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from torch import nn

from course_utils import inspection, reports, worksheets, xor
from course_utils.exercises import Exercise, judge
from course_utils.experiments import parallel
from course_utils.threads import threads


@contextmanager
def seen():
    """Three threads, and a function that notes how many there are when it is called."""
    found = []
    with threads(3):
        yield found, lambda *_: found.append(torch.get_num_threads())
        assert torch.get_num_threads() == 3
    assert set(found) == {1}


def test_the_number_comes_back_after_an_error_and_from_within():
    before = torch.get_num_threads()
    with threads(2):
        with pytest.raises(RuntimeError), threads(1):
            assert torch.get_num_threads() == 1
            raise RuntimeError
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("n", [0, -1, 1.5])
def test_a_number_of_threads_is_an_integer_of_at_least_one(n):
    with pytest.raises(ValueError, match="n: .* use an integer of at least 1"), threads(n):
        pass


def test_worksheets_are_drawn_on_one_thread(monkeypatch):
    whole = worksheets.KINDS["conv"].problems
    with seen() as (_, note):
        noting = worksheets.Kind("", lambda draw, ties: note() or whole(draw, ties))
        monkeypatch.setitem(worksheets.KINDS, "conv", noting)
        worksheets.sheets("conv", seed=0, count=1)


def test_an_answer_is_judged_on_one_thread():
    with seen() as (_, note):
        exercise = Exercise("twice", lambda x: 2 * x, (), "", cases=((1.0,),))
        assert judge(exercise, lambda x: note() or 2 * x).status == "right"


def test_xor_networks_are_trained_on_one_thread():
    with seen() as (_, note):
        tanh = xor.ACTIVATIONS["tanh"]
        noting = replace(tanh, function=lambda z: note() or tanh.function(z))
        xor.Networks(range(3), activation=noting).train(2).logits()


def test_a_field_is_measured_on_one_thread():
    class Noting(nn.Conv2d):
        def forward(self, x):
            if x.device.type == "cpu":
                note()
            return super().forward(x)

    with seen() as (found, note):
        assert inspection.receptive_field(Noting(1, 1, 3), (1, 9, 9)) == (3, 3)
        inspection.effective_receptive_field(Noting(1, 1, 3), (1, 9, 9), samples=1)
        assert len(found) >= 2


def test_findings_are_computed_on_one_thread(monkeypatch):
    with seen() as (_, note):
        monkeypatch.setattr(reports.pen_and_paper, "findings", lambda: note() or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reports.findings(None)


def test_a_run_has_as_many_threads_as_it_is_given():
    assert [*parallel.each([torch.get_num_threads], jobs=1, threads=2)] == [2]
