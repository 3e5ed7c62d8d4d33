"""The notation: read, written, read again; and what can't be read, with a caret under it."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn, zeros

from course_utils import layers
from course_utils.layers import (
    FC,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    LeakyReLU,
    LogSoftmax,
    MaxPool,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)


def test_the_notation_of_the_reports():
    assert layers.parse("Conv(3, 16, 5, 2, 1)") == [Conv(3, 16, 5, stride=2, padding=1)]
    assert layers.parse("MaxPool(2, 1, 0) -> MaxPool(2, 2)") == [MaxPool(2, 1), MaxPool(2)]
    assert layers.parse("Conv(3,64,3,1,1) -> ReLU -> MaxPool(2,2) -> Conv(64,?,3,1,1)") == [
        Conv(3, 64, 3, 1, 1),
        ReLU(),
        MaxPool(2, 2, 0),
        Conv(64, "?", 3, 1, 1),
    ]
    six = layers.parse("(Conv(3,3,5,2,2)–ReLU)×6")
    assert six == [Conv(3, 3, 5, 2, 2), ReLU()] * 6
    every = (
        "Tanh - Sigmoid → LeakyReLU(.2) — BatchNorm -> Dropout(0.25) –> Flatten – FC(25088, 4096)"
    )
    assert layers.parse(every + "-Softmax-LogSoftmax") == [
        Tanh(),
        Sigmoid(),
        LeakyReLU(0.2),
        BatchNorm(),
        Dropout(0.25),
        Flatten(),
        FC(25088, 4096),
        Softmax(),
        LogSoftmax(),
    ]


def test_groups_nest_and_repeat():
    nested = layers.parse(" ( (ReLU -> Tanh)*2\n-> Sigmoid )\t* 2 * 1 ")
    assert nested == ([ReLU(), Tanh()] * 2 + [Sigmoid()]) * 2


def test_arguments_by_name():
    given_by_name = (
        "Conv(in_channels=4, out_channels=?, kernel_size=(3, 5), padding = (1,?), stride=2,"
    )
    assert layers.parse(given_by_name + "dilation=2, groups=2, bias=False)") == [
        Conv(4, "?", (3, 5), 2, (1, "?"), dilation=2, groups=2, bias=False)
    ]


def test_a_pooling_steps_by_its_kernel_unless_told():
    assert MaxPool((2, 3)).stride == (2, 3)
    assert AvgPool(3, padding=1).stride == 3
    assert MaxPool("?").stride is None
    assert str(MaxPool("?", padding=1)) == "MaxPool(?, padding=1)"


def test_equal_numbers_of_a_pair_are_one():
    assert Conv(1, 1, (3, 3), (2, 2), (1, 1)) == Conv(1, 1, 3, 2, 1)
    # Two unknown numbers need not be the same.
    assert MaxPool(("?", "?")).kernel_size == ("?", "?")
    assert layers.pair(3) == (3, 3)
    with pytest.raises(ValueError, match=r"value: \? is not known; use a number or a pair"):
        layers.pair("?")


def test_what_is_written():
    assert str(Conv(3, 64, 3)) == "Conv(3, 64, 3, 1, 0)"
    assert str(MaxPool(4, 3)) == "MaxPool(4, 3)"
    assert str(Conv("?", 8, (3, 1), bias=False)) == "Conv(?, 8, (3, 1), 1, 0, bias=False)"
    assert layers.text("ReLU-FC(2,1,bias=False)") == "ReLU -> FC(2, 1, bias=False)"
    assert Conv("?", 8, 3, padding=(1, "?")).blanks == ("in_channels", "padding")
    assert BatchNorm().blanks == BatchNorm(3).blanks == ()


numbers = st.integers(1, 9) | st.just("?")
small = st.integers(0, 4)


def sizes(one, blank=True):
    one = one | st.just("?") if blank else one
    return one | st.tuples(one, one)


@st.composite
def a_layer(draw):
    kind = draw(st.sampled_from([*layers.notation.KINDS]))
    if kind == "Conv":
        groups = draw(st.integers(1, 3))
        channels = (st.integers(1, 9).map(lambda n: n * groups)) | st.just("?")
        return Conv(
            draw(channels),
            draw(channels),
            draw(sizes(st.integers(1, 9))),
            draw(sizes(st.integers(1, 9))),
            draw(sizes(small)),
            dilation=draw(sizes(st.integers(1, 3), blank=False)),
            groups=groups,
            bias=draw(st.booleans()),
        )
    if kind in ("MaxPool", "AvgPool"):
        stride = draw(st.none() | sizes(st.integers(1, 9)))
        dilation = {"dilation": draw(st.integers(1, 2))} if kind == "MaxPool" else {}
        kernel, padding = draw(sizes(st.integers(4, 9))), draw(sizes(st.integers(0, 2)))
        return getattr(layers, kind)(kernel, stride, padding, **dilation)
    if kind == "FC":
        return FC(draw(numbers), draw(numbers), bias=draw(st.booleans()))
    if kind == "BatchNorm":
        return BatchNorm(draw(st.none() | numbers))
    if kind in ("Dropout", "LeakyReLU"):
        return getattr(layers, kind)(draw(st.floats(0, 1)))
    return getattr(layers, kind)()


def test_what_is_written_is_read_back():
    seen = set()

    @settings(max_examples=500)
    @given(st.lists(a_layer(), min_size=1, max_size=5))
    def round_trip(network):
        written = layers.text(network)
        assert layers.parse(written) == network
        for arrow in ("-", "→", " – "):
            assert layers.parse(written.replace(" -> ", arrow)) == network
        assert layers.text(f"(({written}) * 2)") == " -> ".join([written] * 2)
        assert layers.read(network) == network
        seen.add(written)

    round_trip()
    print(f"\nnotation: {len(seen)} different random networks written and read back")
    assert len(seen) > 400


def pointed(source):
    """Give the reason, and the text from the caret on."""
    with pytest.raises(layers.NotationError) as caught:
        layers.parse(source)
    reason, line, caret = str(caught.value).split("\n")
    assert caret.strip() == "^"
    place = caret.index("^")
    assert line[2:] in source and not source[caught.value.position :].startswith("\n")
    assert line[place:] == source[caught.value.position :].split("\n")[0].rstrip()
    return reason, line[place:]


def test_the_whole_message():
    with pytest.raises(layers.NotationError) as caught:
        layers.parse("Conv(3,64,3,1,1) -> ReLU -> MaxPool(2,2)) -> Tanh")
    assert str(caught.value) == (
        "expected -> or the end; found ')'\n"
        "  Conv(3,64,3,1,1) -> ReLU -> MaxPool(2,2)) -> Tanh\n"
        "                                          ^"
    )
    assert caught.value.position == 40


@pytest.mark.parametrize(
    ("source", "reason", "there"),
    [
        ("", "expected a layer or (; found the end", ""),
        ("ReLU ->", "expected a layer or (; found the end", ""),
        ("ReLU -> -> Tanh", "expected a layer or (; found '-'", "-> Tanh"),
        ("ReLU Tanh", "expected -> or the end; found 'T'", "Tanh"),
        ("(ReLU -> Tanh", "expected -> or ); found the end", ""),
        ("RelU", "unknown layer 'RelU'; did you mean ReLU?", "RelU"),
        ("ReLU\n-> Linaer(3, 4)", "unknown layer 'Linaer'; the layers are Conv,", "Linaer(3, 4)"),
        ("ReLU * 0", "expected how many times, an integer of at least 1; found '0'", "0"),
        ("ReLU * ?", "expected how many times, an integer of at least 1; found '?'", "?"),
        ("(ReLU * 99) * 999", "98,901 layers are too many; a network has at most 10,000", "999"),
        ("(" * 105 + "ReLU", "expected at most 100 nested groups; found '('", "(((((ReLU"),
        ("Conv(3,64)", "Conv lacks its kernel_size; write Conv(in_channels, out_ch", ")"),
        ("FC(3) -> Tanh", "FC lacks its out_features; write FC(in_feat", ") -> Tanh"),
        (
            "MaxPool -> Tanh",
            "MaxPool lacks its kernel_size; write MaxPool(kernel_size,",
            " -> Tanh",
        ),
        ("Conv(3,,3)", "expected a number, ?, a pair, True or False; found ','", ",3)"),
        ("Conv(3,64,three)", "expected a number, ?, a pair, True or False; found 't'", "three)"),
        ("Conv(3,64,3,1,1,1)", "expected ), since it is Conv(in_channels, out_ch", "1)"),
        ("ReLU(2)", "expected ), since it is ReLU; found '2'", "2)"),
        ("Conv(3 64)", "expected , or ); found '6'", "64)"),
        ("ReLU * " + "9" * 5000, "a number of 5,000 characters is too long; use", "9" * 5000),
        (f"FC({'9' * 101},1)", "a number of 101 characters is too long; use at", f"{'9' * 101},1)"),
        (f"Dropout(0.{'1' * 9999})", "a number of 10,001 characters is too", f"0.{'1' * 9999})"),
        ("Conv(1,1,((3,3),3))", "expected a number or ?; found '('", "(3,3),3))"),
        ("Conv(" + "(" * 5000, "expected a number or ?; found '('", "(" * 4999),
        ("Dropout(1e999)", "p: inf is invalid; use a finite number", "1e999)"),
        ("MaxPool((2 3))", "expected , between vertical and horizontal; found '3'", "3))"),
        ("MaxPool((2, 3, 4))", "expected ); found ','", ", 4))"),
        ("MaxPool(2, pad=1)", "MaxPool has no argument 'pad'; it takes kernel_size,", "pad=1)"),
        ("MaxPool(2, kernel_size=1)", "kernel_size is given twice", "kernel_size=1)"),
        ("Conv(3,64,3,0,1)", "stride: 0 is invalid; use an integer of at least 1", "0,1)"),
        ("Conv(3,64,3,(1,0))", "stride: 0 is invalid; use an integer of at least 1", "(1,0))"),
        ("Conv(3,64,3,1,-1)", "padding: -1 is invalid; use an integer of at least 0", "-1)"),
        ("Conv(3,1.5,3)", "out_channels: 1.5 is invalid; use an integer of at least 1", "1.5,3)"),
        (
            "Conv(3,True,3)",
            "out_channels: True is invalid; use an integer of at least 1",
            "True,3)",
        ),
        ("Conv(4,6,3,groups=4)", "groups: 4 does not divide out_channels = 6;", "groups=4)"),
        (
            "Conv(4,8,3,groups=?)",
            "groups: '?' is invalid; use an integer of at least 1",
            "groups=?)",
        ),
        (
            "Conv(4,8,3,dilation=?)",
            "dilation: '?' is invalid; use an integer of at least 1",
            "dilation=?)",
        ),
        ("Conv(4,8,3,bias=1)", "bias: 1 is invalid; use True or False", "bias=1)"),
        ("MaxPool(3,1,2)", "padding: 2 is more than half of the kernel size 3; use at m", "2)"),
        ("AvgPool((4,2),1,2)", "padding: 2 is more than half of the kernel size 2; use", "2)"),
        ("Dropout(1.5)", "p: 1.5 is invalid; use a finite number", "1.5)"),
        ("Dropout(?)", "p: '?' is invalid; use a finite number", "?)"),
        ("LeakyReLU(True)", "negative_slope: True is invalid; use a finite number", "True)"),
        ("BatchNorm(0)", "num_features: 0 is invalid; use an integer of at least 1", "0)"),
    ],
)
def test_an_error_points_at_its_character(source, reason, there):
    said, after = pointed(source)
    assert said.startswith(reason)
    assert after == there


def test_text_cut_off_anywhere_is_refused_near_its_end():
    whole = "Conv(3,64,(1,2),stride=2) -> ((ReLU)*2)"
    refused = 0
    for end in range(len(whole)):
        cut = whole[:end].rstrip()
        try:
            layers.parse(cut)
        except layers.NotationError as error:
            # At the end, or at the word that was cut.
            rest = cut[error.position :]
            assert any(word.startswith(rest) for word in ("Conv", "ReLU", "stride="))
            refused += 1
    assert refused == len(whole) - len(") ")


def test_layers_that_are_none():
    with pytest.raises(ValueError, match="source: 3 is invalid; use text"):
        layers.parse(3)
    with pytest.raises(ValueError, match="layers: 3 is invalid; use a list of layers or"):
        layers.read(3)
    with pytest.raises(ValueError, match=r"layers: number 2, <class .*ReLU'>, is not a layer; use"):
        layers.read([Tanh(), ReLU])
    with pytest.raises(
        ValueError, match=r"kernel_size: \(1, 2, 3\) is invalid; use one number or two"
    ):
        Conv(1, 1, (1, 2, 3))
    with pytest.raises(ValueError, match="in_channels: '3' is invalid; use an integer"):
        Conv("3", 1, 1)
    with pytest.raises(ValueError, match="negative_slope: nan is invalid; use a finite number"):
        LeakyReLU(float("nan"))


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("kernel", range(1, 6))
@pytest.mark.parametrize("padding", range(4))
def test_pytorch_refuses_the_same_padding_of_a_pooling(kernel, padding, dilation):
    def accepted(make):
        try:
            make()
        except (ValueError, RuntimeError):
            return False
        return True

    ours = accepted(lambda: MaxPool(kernel, 1, padding, dilation=dilation))
    theirs = nn.MaxPool2d(kernel, 1, padding, dilation)
    assert ours == accepted(lambda: theirs(zeros(1, 1, 20, 20)))
    if dilation == 1:
        average = nn.AvgPool2d(kernel, 1, padding)
        assert accepted(lambda: AvgPool(kernel, 1, padding)) == accepted(
            lambda: average(zeros(1, 1, 20, 20))
        )


def test_no_torch_on_paper():
    code = "import sys; import course_utils.arithmetic; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
