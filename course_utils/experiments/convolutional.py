"""The convolutional networks that the reports train, each with its faults and its corrections.

An experiment that puts something right says what in ``corrects``, one fault at a time. A fault of
measuring alone, a missing ``eval()``, needs no second experiment: with ``as_run`` one run measures
both ways.

Each has its report's length. TMU-HW4 did not run 28×28 pixels, so the length of that one is ours.

``seeds``: ten; five where one takes two to ten minutes on two cores, three where it takes longer,
and for what is compared with those three alone.
"""

from typing import Any

from course_utils.experiments.definition import Claim, Epoch, Experiment, Normalization, log


def _dropout(
    variant: str, what: str, *claims: Claim, epochs: int = 150, **changes: Any
) -> Experiment:
    return Experiment(
        name=f"cnn-16-32-dropout-adam{variant}",
        source="TMU-HW4",
        inventory="000m 000n",
        summary=f"Two convolutions and dropout with Adam at lr 0.001, {what}, {epochs} epochs",
        model="dropout_cnn",
        optimizer="adam",
        optimizer_args={"lr": 0.001},
        loss="nll",
        epochs=epochs,
        batch_size=64,
        as_run=True,
        claims=claims,
        seeds=3,
        **changes,
    )


def _staged(
    letter: str,
    variant: str,
    optimizer: str,
    rate: str,
    what: str,
    *claims: Claim,
    epochs: int,
    optimizer_args: dict[str, Any],
    corrects: str = "",
    **model_args: Any,
) -> Experiment:
    return Experiment(
        name=f"cnn-8-16-32{variant}-{optimizer}{rate}",
        source="1RT720",
        inventory=f"001{letter}",
        summary=f"8–16–32 channels{what}, pixels in [0, 1], {epochs} epochs",
        model="staged_cnn",
        model_args=model_args,
        optimizer=optimizer,
        optimizer_args=optimizer_args,
        epochs=epochs,
        batch_size=128,
        claims=claims,
        corrects=corrects,
        seeds=3 if "depth" in model_args else 5,
    )


def _small(
    variant: str, what: str, *claims: Claim, corrects: str = "", **model_args: bool
) -> Experiment:
    return Experiment(
        name=f"cnn-10-20{variant}-sgd",
        source="DS5220",
        inventory="003n",
        summary=f"10–20 channels, {what}, with SGD at lr 0.01, pixels in [0, 1], ten epochs",
        model="small_cnn",
        model_args=model_args,
        optimizer="sgd",
        optimizer_args={"lr": 0.01},
        loss="nll",
        epochs=10,
        batch_size=64,
        claims=claims,
        corrects=corrects,
    )


def _lenet(
    variant: str,
    what: str,
    *claims: Claim,
    normalization: Normalization = "unit",
    corrects: str = "",
) -> Experiment:
    return Experiment(
        name=f"lenet-adam{variant}",
        source="CSCI4146",
        inventory="004m 004n",
        summary=f"LeNet-like, Adam at lr 0.001 with weight decay 1e-5, {what}, ten epochs",
        model="lenet",
        optimizer="adam",
        optimizer_args={"lr": 0.001, "weight_decay": 1e-5},
        epochs=10,
        batch_size=64,
        normalization=normalization,
        claims=claims,
        corrects=corrects,
    )


def _test(value: float, relation: Any = "=", epoch: Epoch = "last") -> Claim:
    return Claim("test_accuracy", value, relation, epoch)


def _seconds(value: float, relation: Any = "=") -> Claim:
    return Claim("seconds", value, relation, "total")


_FULL_TRAIN = Claim("train_accuracy", 1.0)
_SGD = {"lr": 0.01}

CNNS = (
    _dropout(
        "-14px", "14×14 pixels normalised with the constants of 28×28",
        Claim("as_run_accuracy", 0.988),
        model_args={"size": 14}, resize=14, normalization="standard",
    ),
    _dropout(
        "-14px-own", "14×14 pixels normalised with their own constants",
        model_args={"size": 14}, resize=14, normalization="own", corrects="constants",
    ),
    _dropout(
        "", "28×28 pixels normalised with their own constants",
        model_args={"size": 28}, normalization="standard", epochs=12, corrects="pixels",
    ),
    _staged(
        "c", "", "sgd", "", " with SGD at lr 0.01",
        _test(0.98, ">"), _test(0.98, "≈", 20), _seconds(146),
        epochs=100, optimizer_args=_SGD,
    ),
    _staged(
        "d", "-pool-first", "sgd", "", ", pooling before ReLU, with SGD at lr 0.01",
        _test(0.9874), _seconds(200, "≈"),
        epochs=100, optimizer_args=_SGD, order="pool-activation",
    ),
    _staged(
        "e", "-pool-first-tanh", "sgd", "", ", pooling before tanh, with SGD at lr 0.01",
        _test(0.987), _test(0.98, "≈", 50), _seconds(162),
        epochs=100, optimizer_args=_SGD, order="pool-activation", activation="tanh",
    ),
    _staged(
        "g", "", "adam", "", " with Adam at lr 0.001",
        _test(0.9909), _test(0.99, "≈", 10),
        epochs=100, optimizer_args={"lr": 0.001},
    ),
    _staged(
        "h", "-deep-skip-1", "sgd", "", ", three more convolutions a stage, a skip past each, SGD",
        _test(0.99, "≈"), _FULL_TRAIN, _seconds(168),
        epochs=50, optimizer_args=_SGD, depth=3, skip=1,
    ),
    _staged(
        "h", "-deep-skip-3", "sgd", "", ", three more convolutions a stage, one skip past all, SGD",
        epochs=50, optimizer_args=_SGD, depth=3, skip=3, corrects="skip past three",
    ),
    _staged(
        "h", "-deep-skip-2", "sgd", "", ", two more convolutions a stage, one skip past both, SGD",
        epochs=50, optimizer_args=_SGD, depth=2, skip=2, corrects="skip past two",
    ),
    _staged(
        "i", "-deep-relu-lost", "sgd", "",
        ", three more convolutions a stage, no skips, no ReLU between those of 16 channels, SGD",
        _test(0.1, "≈"), _seconds(128),
        epochs=50, optimizer_args=_SGD, depth=3, relu_lost=[16],
    ),
    _staged(
        "i", "-deep", "sgd", "", ", three more convolutions a stage, no skips, SGD",
        epochs=50, optimizer_args=_SGD, depth=3, corrects="lost ReLUs",
    ),
    _staged(
        "j", "-deep-bn-skip-1", "sgd", "-lr-0.025",
        ", three more BN–ReLU–convolutions a stage, a skip past each, SGD at lr 0.025",
        _test(0.9918, epoch="best"), _FULL_TRAIN, _seconds(528),
        epochs=50, optimizer_args={"lr": 0.025}, depth=3, skip=1, batch_norm=True,
    ),
    _staged(
        "k", "", "adam", "-lr-0.0005", " with Adam at lr 0.0005 and betas (0.85, 0.95)",
        _test(0.9902), _seconds(65),
        epochs=35, optimizer_args={"lr": 0.0005, "betas": [0.85, 0.95]},
    ),
    _staged(
        "l", "-deep-bn-skip-1", "adam", "",
        ", three more BN–ReLU–convolutions a stage, a skip past each, Adam at lr 0.001",
        _test(0.9872), _seconds(345),
        epochs=25, optimizer_args={"lr": 0.001}, depth=3, skip=1, batch_norm=True,
    ),
    Experiment(
        name="cnn-32-32-64-bn-adam-lr-0.01",
        source="CIS6800",
        inventory="002m 002n",
        summary="Batch norm and average pooling, Adam at lr 0.01, pixels in [−1, 1], ten epochs",
        model="average_pool_cnn",
        optimizer="adam",
        optimizer_args={"lr": 0.01},
        epochs=10,
        batch_size=64,
        normalization="half",
        as_run=True,
        seeds=5,
        claims=(
            Claim("as_run_accuracy", 0.9926),
            *log(
                "as_run_accuracy",
                0.9878, 0.9874, 0.9876, 0.9887, 0.9908, 0.9824, 0.9927, 0.9865, 0.992, 0.9926,
            ),
            *log(
                "train_accuracy", 0.972, 0.987, 0.9892, 0.9911, 0.9919, 0.9926, 0.9939, 0.9936
            ),
            *log("train_loss", 0.0943, 0.0430, 0.0343, 0.0284, 0.0258, 0.0239),
            *log("as_run_loss", 0.0362, 0.0380, 0.0399, 0.0368, 0.0287, 0.0559),
        ),
    ),
    _small(
        "-awake-relu-logits", "dropout awake in evaluation, ReLU on the logits",
        _test(0.954), dropout_sleeps=False, relu_logits=True,
    ),
    _small(
        "-awake", "dropout awake in evaluation", corrects="ReLU on the logits", dropout_sleeps=False
    ),
    _small("-relu-logits", "ReLU on the logits", corrects="dropout", relu_logits=True),
    _small("", "dropout asleep in evaluation, logits as they are", corrects="both"),
    _lenet(
        "", "pixels in [0, 1]",
        Claim("train_loss", 0.0122), Claim("train_accuracy", 0.996, digits=4), _test(0.9925),
    ),
    _lenet(
        "-normalized", "normalised pixels", normalization="standard", corrects="normalisation"
    ),
)  # fmt: skip
