"""Where does the book show a task that was trained?"""

from course_utils.reports.rows import Place

MLP = "05_mnist_mlp"
FIRST = "06a_cnn_baseline"
DEPTH = "06b_optimizers_and_depth"
SLIPS = "06c_evaluation"
QUESTIONS = "06d_errors_and_questions"

PLACES = {
    "000l": Place(FIRST, "Constants and pixels"),
    "000n": Place(FIRST, "Why the report stopped at 98.8 %"),
    "001a": Place(MLP, "150 epochs in one picture"),
    "001c": Place(FIRST, "The 8–16–32 baseline"),
    "001d": Place(FIRST, "Pool first or ReLU first"),
    "001e": Place(FIRST, "tanh, and what saturation is"),
    "001g": Place(DEPTH, "Adam on the 8–16–32 network"),
    "001h": Place(DEPTH, "Fifty epochs, recorded"),
    "001i": Place(DEPTH, 'The network that always says "1"'),
    "001j": Place(DEPTH, "Batch norm and three variations"),
    "001k": Place(DEPTH, "Another rate, other betas, another batch"),
    "001l": Place(DEPTH, "Batch norm and three variations"),
    "002n": Place(SLIPS, "Over- or underfit? Read the curves"),
    "003h": Place(MLP, "Train it"),
    "003l": Place(MLP, "The rerun that the report left out"),
    "003n": Place(SLIPS, "Both slips, two by two"),
    **{f"004{letter}": Place(MLP, "Ten seeds") for letter in "abcdefghijkl"},
    "004n": Place(SLIPS, "Does it matter?"),
}

COST_RISES = Place(DEPTH, "A cost that rises while the accuracy stays")
TIME_OF_DEPTH = Place(DEPTH, "What depth and skips cost in time")

# Where a metric of a task is shown elsewhere than the task.
OF_METRICS = {
    **{("seconds", f"001{letter}"): Place(FIRST, "Is one order slower?") for letter in "cde"},
    **{("seconds", f"001{letter}"): TIME_OF_DEPTH for letter in "hijkl"},
    ("last_batch_loss", "004a"): Place(MLP, "Why SGD stops at 78 %"),
    **{
        ("last_batch_loss", f"004{letter}"): Place(MLP, "Four optimizers on three networks")
        for letter in "bcde"
    },
}


def place(task: str, metric: str = "") -> Place:
    """Where the book shows a task, or one of its metrics.

    >>> place("001d", "seconds").section, place("001d", "test_accuracy").section
    ('Is one order slower?', 'Pool first or ReLU first')
    """
    return OF_METRICS.get((metric, task), PLACES[task])
