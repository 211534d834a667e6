"""Intervals from the errors of the past, which hold whatever the errors' distribution is.

Where the next error is exchangeable with those of the past, an interval between their conformal quantiles holds it with
at least the stated probability: V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a Random World (2005);
J. Lei et al., J. Am. Stat. Assoc. 113 (2018) 1094-1111. Weights let older errors count for less: R. F. Barber,
E. J. Candes, A. Ramdas and R. J. Tibshirani, Annals of Statistics 51 (2023) 816-845. The next error has weight 1.
"""

import numpy as np

from methods.forecast.known import Numbers

#: The ends of the interval of 80 %.
LOW, HIGH = 0.1, 0.9


def quantile(errors: Numbers, level: float) -> Numbers:
    """Return the conformal quantile of each column of errors (n × series), upward for levels above one half.

    Infinite where the column has too few errors to say; NaN counts as no error.
    """
    if level < 0.5:
        return -quantile(-errors, 1 - level)
    ordered = np.sort(errors, axis=0)  # NaN last
    counts = np.isfinite(errors).sum(axis=0)
    rank = np.ceil((counts + 1) * level - 1e-9).astype(int)
    padded = np.vstack([ordered, np.full((1, errors.shape[1]), np.inf)])
    place = np.where(rank <= counts, rank - 1, len(ordered))
    found: Numbers = np.take_along_axis(padded, place[None, :], axis=0)[0]
    return found


def weighted_quantile(errors: Numbers, weights: Numbers, level: float) -> float:
    """Return the conformal quantile of weighted errors (n); infinite where their weight does not suffice."""
    if level < 0.5:
        return -weighted_quantile(-errors, weights, 1 - level)
    order = np.argsort(errors, kind="stable")
    reached = np.cumsum(weights[order]) / (weights.sum() + 1)
    place = int(np.searchsorted(reached, level - 1e-9))
    return float(errors[order][place]) if place < len(errors) else float("inf")


def weighted_median(errors: Numbers, weights: Numbers) -> float:
    """Return the middle of weighted errors (n), NaN without any."""
    if not len(errors):
        return float("nan")
    order = np.argsort(errors, kind="stable")
    reached = np.cumsum(weights[order])
    return float(errors[order][int(np.searchsorted(reached, reached[-1] / 2))])


def chance_above(errors: Numbers, weights: Numbers, threshold: float) -> float:
    """Return the probability that the next error is above the threshold; its own weight counts half on either side."""
    return float((weights[errors > threshold].sum() + 0.5) / (weights.sum() + 1))
