"""The park's gate: what its lines and pipes take in beyond what the members' main meters see."""

import numpy as np

from examples.reference_park.simulator.clock import Series

BOUGHT = ("cem_e_main_ep", "stl_e_main_a_ep", "stl_e_main_b_ep", "chm_e_main_ep", "mac_e_main_ep", "enc_e_gateway_ep")
SOLD = ("mac_e_main_ee", "enc_e_gateway_ee")
GAS = ("stl_gas_main_v", "chm_gas_main_v", "mac_gas_main_v", "enc_gas_main_v")


def simulate(flows: dict[str, Series]) -> dict[str, Series]:
    """Return the flows at the gate; what members sell is used by others first, the rest goes to the grid."""
    bought = sum(flows[name] for name in BOUGHT)
    sold = sum(flows[name] for name in SOLD)
    taking = (15.0 + 0.003 * bought) / 0.997  # 60 kW and 0.3 % of what enters, the loss itself included
    loss = np.where(bought - sold + taking >= 0, taking, 15.0 + 0.003 * sold)
    net = bought - sold + loss
    gas = sum(flows[name] for name in GAS)
    return {
        "park_e_gate_ep": np.maximum(net, 0.0),
        "park_e_gate_ee": np.maximum(-net, 0.0),
        "park_gate__loss__electricity": loss,
        "park_gas_gate_v": gas * 1.001,
        "park_gas__loss__natural_gas": gas * 0.001,
    }
