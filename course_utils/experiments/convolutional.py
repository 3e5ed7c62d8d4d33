"""The convolutional networks that the reports train, each with its faults and its corrections.

An experiment that puts something right says what in ``corrects``, one fault at a time. A fault of
measuring alone, a missing ``eval()``, needs no second experiment: with ``as_run`` one run measures
both ways.

Each has its report's length; TMU-HW4 shows no run of 28×28 pixels, so that one's length is ours. In
one thing the deep networks are not 1RT720's: they have a ReLU before each of the two poolings.

``seeds``: ten; five where one takes two minutes or more on two cores.
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
        seeds=5,
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
        seeds=5,
    )


def _averaging(
    variant: str,
    what: str,
    *claims: Claim,
    lr: float = 0.01,
    corrects: str = "",
    **model_args: bool,
) -> Experiment:
    return Experiment(
        name=f"cnn-32-32-64-bn{variant}-adam-lr-{lr}",
        source="CIS6800",
        inventory="002m 002n",
        summary=f"Batch norm and average pooling{what}, Adam at lr {lr}, pixels in [−1, 1], "
        "ten epochs",
        model="average_pool_cnn",
        model_args=model_args,
        optimizer="adam",
        optimizer_args={"lr": lr},
        epochs=10,
        batch_size=64,
        normalization="half",
        as_run=True,
        claims=claims,
        corrects=corrects,
        seeds=5,
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


def _test(value: float, cites: str, relation: Any = "=", epoch: Epoch = "last") -> Claim:
    return Claim("test_accuracy", value, relation, epoch, cites=cites)


def _seconds(value: float, cites: str = "", relation: Any = "=") -> Claim:
    return Claim("seconds", value, relation, "total", cites=cites or f"Training Time:{value:g}sec")


_SGD = {"lr": 0.01}

CNNS = (
    _dropout(
        "-14px", "14×14 pixels normalised with the constants of 28×28",
        Claim("as_run_accuracy", 0.988, cites="the network on the 10000 test images: 98.8%"),
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
        _test(0.98, "the test accuracy is above 98%", ">"),
        _test(0.98, "98% accuracy versus with ReLU it took around 20 epochs", "≈", 20),
        _seconds(146),
        epochs=100, optimizer_args=_SGD,
    ),
    _staged(
        "d", "-pool-first", "sgd", "", ", pooling before ReLU, with SGD at lr 0.01",
        _test(0.9874, "The final test accuracy was 98.74%"),
        _seconds(200, "took around 200 seconds for 100 epochs", "≈"),
        epochs=100, optimizer_args=_SGD, order="pool-activation",
    ),
    _staged(
        "e", "-pool-first-tanh", "sgd", "", ", pooling before tanh, with SGD at lr 0.01",
        _test(0.987, "final test accuracy was still really good at 98.7%"),
        _test(0.98, "it took around 50 epochs to get 98% accuracy", "≈", 50),
        _seconds(162),
        epochs=100, optimizer_args=_SGD, order="pool-activation", activation="tanh",
    ),
    _staged(
        "g", "", "adam", "", " with Adam at lr 0.001",
        _test(0.9909, "the final test accuracy is 99.09%"),
        _test(0.99, "the test accuracy was around 99%", "≈", 10),
        Claim("train_accuracy", 1.0, cites="which was also only achieved with using Adam as the"),
        epochs=100, optimizer_args={"lr": 0.001},
    ),
    _staged(
        "h", "-deep-skip-1", "sgd", "", ", three more convolutions a stage, a skip past each, SGD",
        _test(0.99, "the test accuracy is almost 99%", "≈"),
        Claim("train_accuracy", 1.0, cites="The training accuracy is also 100%"),
        _seconds(168),
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
        _test(0.1, "the final test accuracy is barely better than random guessing", "≈"),
        _seconds(128),
        epochs=50, optimizer_args=_SGD, depth=3, relu_lost=[16],
    ),
    _staged(
        "i", "-deep", "sgd", "", ", three more convolutions a stage, no skips, SGD",
        epochs=50, optimizer_args=_SGD, depth=3, corrects="lost ReLUs",
    ),
    _staged(
        "j", "-deep-bn", "sgd", "-lr-0.025",
        ", three more BN–ReLU–convolutions a stage, no skips, SGD at lr 0.025",
        epochs=50, optimizer_args={"lr": 0.025}, depth=3, batch_norm=True, corrects="no skips",
    ),
    _staged(
        "j", "-deep-bn-skip-1", "sgd", "-lr-0.025",
        ", three more BN–ReLU–convolutions a stage, a skip past each, SGD at lr 0.025",
        _test(0.9918, "got up to a 99.18% test accuracy", epoch="best"),
        Claim("train_accuracy", 1.0, cites="there is a 100% training set accuracy"),
        _seconds(528),
        epochs=50, optimizer_args={"lr": 0.025}, depth=3, skip=1, batch_norm=True,
    ),
    _staged(
        "k", "", "adam", "-lr-0.0005", " with Adam at lr 0.0005 and betas (0.85, 0.95)",
        _test(0.9902, "performance with a test accuracy of 99.02%"), _seconds(65),
        epochs=35, optimizer_args={"lr": 0.0005, "betas": [0.85, 0.95]},
    ),
    _staged(
        "l", "-deep-bn-skip-1", "adam", "",
        ", three more BN–ReLU–convolutions a stage, a skip past each, Adam at lr 0.001",
        _test(0.9872, "the test performance is still good at 98.72%"), _seconds(345),
        epochs=25, optimizer_args={"lr": 0.001}, depth=3, skip=1, batch_norm=True,
    ),
    _averaging(
        "", "",
        Claim("as_run_accuracy", 0.9926, cites="99.27, 98.65, 99.2, 99.26]"),
        *log(
            "as_run_accuracy",
            0.9878, 0.9874, 0.9876, 0.9887, 0.9908, 0.9824, 0.9927, 0.9865, 0.992, 0.9926,
            cites="Accuracies[98.78, 98.74000000000001, 98.76, 98.87, 99.08, "
            "98.24000000000001, 99.27, 98.65, 99.2, 99.26]",
        ),
        *log(
            "train_accuracy", 0.972, 0.987, 0.9892, 0.9911, 0.9919, 0.9926, 0.9939, 0.9936,
            cites="Accuracies[97.20166666666667, 98.7, 98.91833333333334, "
            "99.10833333333333, 99.19, 99.25833333333334, 99.39, 99.36166666666666]",
        ),
        *log(
            "train_loss", 0.0943, 0.0430, 0.0343, 0.0284, 0.0258, 0.0239,
            cites="Losses[0.09431090027809755, 0.04300777170789003, 0.03431500029864474, "
            "0.028365747949385494, 0.025766559076976208, 0.023862]",
        ),
        *log(
            "as_run_loss", 0.0362, 0.0380, 0.0399, 0.0368, 0.0287, 0.0559,
            cites="Losses[0.03616089534213185, 0.03801055647363103, 0.039935540978850166, "
            "0.03680351878750689, 0.028734547280518125, 0.0559406157]",
        ),
    ),
    _averaging("-softmax", ", softmax at the end", corrects="softmax at the end", softmax=True),
    _averaging("", "", lr=0.05, corrects="rate 0.05"),
    _small(
        "-awake-relu-logits", "dropout awake in evaluation, ReLU on the logits",
        _test(0.954, "Test accuracy: 0.954"), dropout_sleeps=False, relu_logits=True,
    ),
    _small(
        "-awake", "dropout awake in evaluation", corrects="ReLU on the logits", dropout_sleeps=False
    ),
    _small("-relu-logits", "ReLU on the logits", corrects="dropout", relu_logits=True),
    _small("", "dropout asleep in evaluation, logits as they are", corrects="both"),
    _lenet(
        "", "pixels in [0, 1]",
        Claim("train_loss", 0.0122, cites="Average Train Loss: 0.0122"),
        Claim("train_accuracy", 0.996, digits=4, cites="Train Accuracy: 0.9960"),
        _test(0.9925, "Test Accuracy: 0.9925"),
    ),
    _lenet(
        "-normalized", "normalised pixels", normalization="standard", corrects="normalisation"
    ),
)  # fmt: skip
