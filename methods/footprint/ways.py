"""Ways to solve x = M x + b for several b at once, and one measure of how well it closes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg

Numbers = npt.NDArray[np.float64]

#: The largest residual, by the sum of the sizes of an equation's terms, with which an answer counts as exact.
CLOSED = 1e-12
#: Sweeps stop well below that, where more of them change nothing but the last bits.
_ENOUGH = 1e-15
_SWEEPS, _LOOK = 400, 10
_RESTART, _ROUNDS = 50, 20


@dataclass(frozen=True)
class Answer:
    """x (unknowns x right sides), the way, its steps and the residual."""

    answer: Numbers
    way: str
    steps: int
    residual: float


def residual(matrix: sparse.csr_array, right: Numbers, answer: Numbers) -> float:
    """Return the componentwise backward error of Oettli and Prager; infinite where the answer is not finite."""
    if not np.isfinite(answer).all():
        return float("inf")
    off = np.abs(right + matrix @ answer - answer)
    size = np.abs(right) + abs(matrix) @ np.abs(answer) + np.abs(answer)
    return float(np.max(np.divide(off, size, out=np.zeros_like(off), where=off > 0), initial=0.0))


def swept(matrix: sparse.csr_array, right: Numbers, start: Numbers | None = None) -> Answer | None:
    """Sweep x <- M x + b until nothing moves: the sum over ever longer chains. None where that does not converge."""
    answer, moved = right if start is None else start, np.inf
    for step in range(1, _SWEEPS + 1):
        before, answer = answer, right + matrix @ answer
        if step % _LOOK:
            continue
        change = np.abs(answer - before)
        now = float(np.max(np.divide(change, np.abs(answer), out=np.zeros_like(change), where=change > 0), initial=0.0))
        if now <= _ENOUGH or (now <= CLOSED and now >= moved):
            return Answer(answer, "swept", step, residual(matrix, right, answer))
        if not now < 10.0 * moved:
            return None
        moved = min(moved, now)
    return None


def factorised(matrix: sparse.csr_array, right: Numbers) -> Answer | None:
    """Factorise I - M once, solve, and refine twice with what was left. None where it is singular.

    Pivots from the diagonal first: without credits nothing is then subtracted that could cancel, whatever the units of
    the products, and what is zero stays zero.
    """
    whole = sparse.csc_array(sparse.eye_array(matrix.shape[0], format="csc") - matrix)
    found = None
    for pivots in ({"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}, {}):
        try:
            factors = linalg.splu(whole, **pivots)
        except RuntimeError:
            continue
        with np.errstate(all="ignore"):
            answer = factors.solve(right)
            for _ in range(2):
                answer = answer + factors.solve(right + matrix @ answer - answer)
        found = Answer(answer, "factorised", 1, residual(matrix, right, answer))
        if found.residual <= CLOSED:
            break
    return found


def preconditioned(matrix: sparse.csr_array, right: Numbers) -> Answer | None:
    """GMRES with an incomplete factorisation, restarted on what is left; None where it does not get there."""
    whole = sparse.csc_array(sparse.eye_array(matrix.shape[0], format="csc") - matrix)
    try:
        rough = linalg.spilu(whole, drop_tol=1e-4, fill_factor=5)
    except RuntimeError:
        return None
    about = linalg.LinearOperator(whole.shape, rough.solve, dtype=np.float64)
    answer = np.zeros_like(right)
    steps = 0
    for column in range(right.shape[1]):
        for _ in range(_ROUNDS):
            one, left = answer[:, [column]], right[:, [column]]
            if residual(matrix, left, one) <= CLOSED / 10:
                break
            off = (left + matrix @ one - one)[:, 0]
            more, _ = linalg.gmres(whole, off, rtol=1e-8, restart=_RESTART, maxiter=2, M=about)
            answer[:, column] += more
            steps += 1
    return Answer(answer, "preconditioned", steps, residual(matrix, right, answer))
