"""The perceptrons that the reports train, and their corrections."""

from typing import Any

from course_utils.experiments.definition import Claim, Experiment, Normalization, log


def _hidden_128(
    letter: str,
    variant: str,
    *claims: Claim,
    lr: float,
    normalization: Normalization = "unit",
    corrects: str = "",
) -> Experiment:
    pixels = "normalised pixels" if normalization == "standard" else "pixels in [0, 1]"
    return Experiment(
        name=f"mlp-128-adam{variant}",
        source="DS5220",
        inventory=f"003{letter}",
        summary=f"784–128–10 with Adam at lr {lr:g}, {pixels}, ten epochs",
        model="mlp",
        model_args={"hidden": [128]},
        optimizer="adam",
        optimizer_args={"lr": lr},
        epochs=10,
        batch_size=64,
        normalization=normalization,
        claims=claims,
        corrects=corrects,
    )


def _hidden_500(
    letter: str,
    variant: str,
    optimizer: str,
    accuracy: float | None = None,
    *last_batch_losses: float,
    lr: float = 1e-3,
    corrects: str = "",
    **model_args: Any,
) -> Experiment:
    claims: tuple[Claim, ...] = ()
    if accuracy is not None:
        printed = f"on the 10000 test images: {100 * accuracy:g} %"
        claims = (Claim("as_run_accuracy", accuracy, cites=printed),)
        line = "Epoch [{epoch}/5], Step [600/600], Loss: {value:.4f}"
        claims += log("last_batch_loss", *last_batch_losses, cites=line)
    rate = "" if lr == 1e-3 else f"-lr-{lr:g}"
    layers = variant.replace("-", " + ")
    return Experiment(
        name=f"mlp-500{variant}-{optimizer}{rate}",
        source="CSCI4146",
        inventory=f"004{letter}",
        summary=f"784–500–10{layers} with {optimizer} at lr {lr:g}, five epochs",
        model="mlp",
        model_args={"hidden": [500], **model_args},
        optimizer=optimizer,
        optimizer_args={"lr": lr},
        epochs=5,
        batch_size=100,
        as_run=True,
        claims=claims,
        corrects=corrects,
    )


_BATCH_NORM: dict[str, Any] = {"batch_norm": True}
_BATCH_NORM_DROPOUT: dict[str, Any] = {"batch_norm": True, "dropout": 0.5}

MLPS = (
    Experiment(
        name="mlp-50-50-sgd",
        source="1RT720",
        inventory="001a",
        summary="784–50–50–10 with SGD, 150 epochs",
        model="mlp",
        model_args={"hidden": [50, 50]},
        optimizer="sgd",
        optimizer_args={"lr": 0.01},
        epochs=150,
        batch_size=128,
        claims=(
            Claim("train_accuracy", 0.98, ">", cites="over a 98% training accuracy"),
            Claim("test_accuracy", 0.97, ">", cites="over a 97% test accuracy"),
        ),
    ),
    _hidden_128(
        "h",
        "",
        Claim("train_accuracy", 0.98, cites="Accuracy is 0.98"),
        Claim("test_accuracy", 0.967, cites="Testing Accuracy is 0.967"),
        lr=0.01,
    ),
    _hidden_128("h", "-lr-0.002", lr=0.002, corrects="learning rate"),
    _hidden_128("l", "-normalized", lr=0.01, normalization="standard"),
    _hidden_128(
        "l", "-normalized-lr-0.002", lr=0.002, normalization="standard", corrects="learning rate"
    ),
    _hidden_500("a", "", "sgd", 0.7847, 2.1930, 2.0080, 1.7899, 1.5380, 1.4068),
    _hidden_500("a", "", "sgd", lr=0.1, corrects="learning rate"),
    _hidden_500("b", "", "momentum", 0.9062, 0.7507, 0.4591, 0.4080, 0.3495, 0.3854),
    _hidden_500("c", "", "rmsprop", 0.9803, 0.1355, 0.0593, 0.0692, 0.0890, 0.0596),
    _hidden_500("d", "", "adam", 0.979, 0.1595, 0.1241, 0.0595, 0.0244, 0.0237),
    _hidden_500("e", "-bn", "sgd", 0.9271, 0.6231, 0.5665, 0.4296, 0.2919, 0.3465, **_BATCH_NORM),
    _hidden_500(
        "f", "-bn", "momentum", 0.9698, 0.2454, 0.2284, 0.1327, 0.1858, 0.0248, **_BATCH_NORM
    ),
    _hidden_500(
        "g", "-bn", "rmsprop", 0.9759, 0.1576, 0.0870, 0.0066, 0.0288, 0.0437, **_BATCH_NORM
    ),
    _hidden_500("h", "-bn", "adam", 0.9765, 0.1114, 0.0935, 0.1592, 0.0372, 0.0085, **_BATCH_NORM),
    _hidden_500(
        "i",
        "-bn-dropout",
        "sgd",
        0.9073,
        0.6121,
        0.5293,
        0.4489,
        0.3352,
        0.3305,
        **_BATCH_NORM_DROPOUT,
    ),
    _hidden_500(
        "j",
        "-bn-dropout",
        "momentum",
        0.9579,
        0.2378,
        0.3041,
        0.1201,
        0.1198,
        0.1209,
        **_BATCH_NORM_DROPOUT,
    ),
    _hidden_500(
        "k",
        "-bn-dropout",
        "rmsprop",
        0.9661,
        0.1823,
        0.1950,
        0.0572,
        0.0583,
        0.0308,
        **_BATCH_NORM_DROPOUT,
    ),
    _hidden_500(
        "l",
        "-bn-dropout",
        "adam",
        0.9678,
        0.1047,
        0.1036,
        0.0913,
        0.1490,
        0.0686,
        **_BATCH_NORM_DROPOUT,
    ),
)
