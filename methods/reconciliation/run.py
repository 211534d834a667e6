"""From the daily amounts of the points of a network to reconciled days, imbalances and the errors of a month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from methods.reconciliation import accuracy, gross, loss, solve
from methods.reconciliation.network import Balances, Flow, balances, components
from methods.reconciliation.rows import Reconciled, Row


@dataclass(frozen=True)
class Meter:
    """What is known of the instrument behind a point; `step` is one of its display, in the unit of the amounts."""

    point_id: str
    accuracy_class: str | None
    kind: str
    step: float | None


@dataclass(frozen=True)
class Amount:
    """What passed a point on a local day of so many hours and intervals; None where any part of it is unknown."""

    quantity: float | None
    unit: str
    hours: float
    intervals: int


@dataclass(frozen=True)
class Day:
    """The amounts of a local day that can be weighed, losses among them, in one unit."""

    date: date
    known: Mapping[str, float]
    unit: str
    intervals: int


def reconcile(flows: pa.Table, meters: pa.Table, days: pa.Table) -> Reconciled:
    """Reconcile every network of every day.

    flows: the rows of flows.csv. meters: point_id, accuracy_class, kind, step (of the display, in the unit of the
    amounts; NULL where nobody said). days: point_id, local_date, quantity (NULL where a part was not measured),
    quantity_unit, hours and intervals (of that day that are known at all).
    """
    known = {row["point_id"]: Meter(**row) for row in meters.to_pylist()}
    amounts: dict[date, dict[str, Amount]] = {}
    for row in days.to_pylist():
        quantity = None if row["quantity"] is None else float(row["quantity"])
        amounts.setdefault(row["local_date"], {})[row["point_id"]] = Amount(
            quantity, row["quantity_unit"], row["hours"], row["intervals"]
        )
    result = Reconciled()
    for carrier, edges in _by_carrier(flows).items():
        for edge_group in components(edges):
            _Component(carrier, edge_group, known).run(amounts, result)
    return result


def _by_carrier(flows: pa.Table) -> dict[str, list[Flow]]:
    found: dict[str, list[Flow]] = {}
    for row in sorted(flows.to_pylist(), key=lambda row: row["flow_id"]):
        flow = Flow(
            row["flow_id"], row["from_node"], row["to_node"], row["point_id"], bool(row["is_origin"]), row["loss_model"]
        )
        found.setdefault(row["carrier"], []).append(flow)
    return found


class _Component:
    """One connected network of one carrier."""

    def __init__(self, carrier: str, flows: Sequence[Flow], meters: Mapping[str, Meter]) -> None:
        self._carrier = carrier
        self._flows = flows
        self._limits: dict[str, float] = {}
        for flow in flows:
            meter = meters.get(flow.point_id or "")
            model = None if flow.point_id else loss.parse(flow.loss_model)
            stated = model.limits if model else accuracy.limit(meter.accuracy_class) if meter else None
            if stated is not None:
                self._limits[flow.key] = stated
        self._points = {flow.point_id for flow in flows if flow.point_id}
        self._meters = {point: meters[point] for point in self._points & set(meters)}
        self._origins = {flow.source for flow in flows if flow.is_origin}
        self._pairs = {(flow.source, flow.target) for flow in flows}

    def run(self, amounts: Mapping[date, Mapping[str, Amount]], result: Reconciled) -> None:
        months: dict[date, list[Day]] = {}
        for day in sorted(amounts):
            found = self._day(day, {point: amounts[day][point] for point in self._points if point in amounts[day]})
            if found.known:
                months.setdefault(day.replace(day=1), []).append(found)
        for month, of_month in months.items():
            self._month(month, of_month, result)

    def _day(self, day: date, of_day: Mapping[str, Amount]) -> Day:
        if not of_day:
            return Day(day, {}, "", 0)
        units = [amount.unit for amount in of_day.values()]
        unit = max(sorted(set(units)), key=units.count)
        hours = max(amount.hours for amount in of_day.values())
        known = {
            point: amount.quantity
            for point, amount in of_day.items()
            if amount.quantity is not None and amount.unit == unit and amount.hours == hours and point in self._limits
        }
        for flow in self._flows:
            model = None if flow.point_id else loss.parse(flow.loss_model)
            if model and model.fixed_unit in (None, unit):
                passing = [other.key for other in self._flows if other.target == flow.source]
                back = [other.key for other in self._flows if model.is_of_load and self._goes_back(other, flow.source)]
                if all(key in known for key in passing + back):
                    load = sum(known[key] for key in passing) - sum(known[key] for key in back)
                    known[flow.key] = model.amount(hours, load)
        return Day(day, known, unit, max(amount.intervals for amount in of_day.values()))

    def _goes_back(self, flow: Flow, node: str) -> bool:
        """Whether an edge leads to where energy begins, or back to a node that feeds this one."""
        back = flow.target in self._origins or (flow.target, node) in self._pairs
        return flow.source == node and back

    def _of_display(self, keys: Sequence[str], intervals: int) -> npt.NDArray[np.float64]:
        """Return the standard deviations that the displays leave in the amounts of a day."""
        meters = [self._meters.get(key) for key in keys]
        return np.array(
            [accuracy.of_display(meter.step or 0.0, meter.kind, intervals) if meter else 0.0 for meter in meters]
        )

    def _month(self, month: date, days: Sequence[Day], result: Reconciled) -> None:
        keys = tuple(sorted({key for day in days for key in day.known}))
        evidence = gross.Evidence(keys)
        passed = dict.fromkeys(keys, 0.0)
        alike: dict[frozenset[str], list[Day]] = {}
        for day in days:
            alike.setdefault(frozenset(day.known), []).append(day)
        for pattern, same in alike.items():
            left = balances(self._flows, set(pattern))
            if left.names:
                values = np.array([[day.known[key] for key in left.keys] for day in same])
                limits = np.array([self._limits[key] for key in left.keys])
                of_class = accuracy.standard_uncertainty(1.0) * limits * abs(values)
                of_display = np.array([self._of_display(left.keys, day.intervals) for day in same])
                solution = solve.reconcile(left.matrix, values, np.hypot(of_class, of_display))
                self._tell(same, left, values, solution, result)
                evidence.add(left.keys, left.matrix, values, solution.inverse)
                for key, amount in zip(left.keys, np.abs(values).sum(axis=0).tolist(), strict=True):
                    passed[key] += amount
        result.errors += self._errors(month, evidence, passed)

    def _tell(
        self,
        days: Sequence[Day],
        left: Balances,
        values: npt.NDArray[np.float64],
        solution: solve.Solution,
        result: Reconciled,
    ) -> None:
        columns = [(place, key) for place, key in enumerate(left.keys) if key in self._points]
        members = [sorted(self._points_of(name) & set(left.keys)) for name in left.names]
        entered = values @ self._entering(left).T
        for row, day in enumerate(days):
            common: Row = {"carrier": self._carrier, "local_date": day.date, "quantity_unit": day.unit}
            degrees = int(solution.degrees[row])
            network = {
                "global_statistic": float(solution.global_statistic[row]),
                "global_critical": _none(solve.critical(degrees)),
            }
            for place, key in columns:
                result.points.append(
                    {
                        **common,
                        "point_id": key,
                        "quantity": float(values[row, place]),
                        "adjustment": float(solution.adjusted[row, place] - values[row, place]),
                        "test_statistic": _none(solution.statistic[row, place]),
                    }
                )
            for place, name in enumerate(left.names):
                result.imbalances.append(
                    {
                        **common,
                        **network,
                        "balance": name,
                        "points": members[place],
                        "entered": float(entered[row, place]),
                        "imbalance": float(solution.imbalance[row, place]),
                        "test_statistic": _none(solution.imbalance_statistic[row, place]),
                    }
                )

    def _points_of(self, name: str) -> set[str]:
        nodes = set(name.split("+"))
        return {flow.point_id for flow in self._flows if flow.point_id and nodes & {flow.source, flow.target}}

    def _entering(self, left: Balances) -> npt.NDArray[np.float64]:
        """Return which amounts enter each balance from beyond it, as ones and zeros (balances, amounts)."""
        found = np.zeros(left.matrix.shape)
        for row, name in enumerate(left.names):
            nodes = set(name.split("+"))
            keys = {flow.key for flow in self._flows if flow.target in nodes and flow.source not in nodes}
            found[row] = [key in keys for key in left.keys]
        return found

    def _errors(self, month: date, evidence: gross.Evidence, passed: Mapping[str, float]) -> Iterator[Row]:
        """Yield what the month says of each amount that a balance tests."""
        uncertainty = np.array([accuracy.standard_uncertainty(self._limits[key]) for key in evidence.keys])
        named = gross.suspects(evidence, uncertainty, set(evidence.keys) - self._points)
        by_key = {suspect.key: suspect for suspect in named}
        freed = [evidence.keys.index(suspect.key) for suspect in named]
        _, ratio = gross.errors(evidence, uncertainty)
        likely, _ = gross.errors(evidence, uncertainty, freed)
        moved = np.nan_to_num(np.abs(likely)) * np.array([passed[key] for key in evidence.keys])
        whole = float(moved.sum())
        for place, key in enumerate(evidence.keys):
            if np.isnan(likely[place]):
                continue
            suspect = by_key.get(key)
            yield {
                "key": key,
                "is_point": key in self._points,
                "carrier": self._carrier,
                "month": month,
                "limit_ratio": self._limits[key],
                "error_ratio": gross.of_true(float(likely[place])),
                "error_statistic": suspect.statistic if suspect else _none(ratio[place]),
                "is_suspect": suspect is not None,
                "alike": list(suspect.alike) if suspect else [],
                "imbalance_share_ratio": float(moved[place] / whole) if whole else None,
            }


def _none(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
