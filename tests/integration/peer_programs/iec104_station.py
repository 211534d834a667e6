"""A station of the library c104, in a process of its own: it is GPL, and nothing of ours may be linked with it."""

import datetime
import sys
import time

import c104

port, value, counted = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
server = c104.Server(ip="127.0.0.1", port=port, tick_rate_ms=100)
station = server.add_station(common_address=7)
at = datetime.datetime(2026, 1, 2, 8, 15, tzinfo=datetime.UTC)
short = station.add_point(io_address=11, type=c104.Type.M_ME_NC_1)
short.value = value
scaled = station.add_point(io_address=12, type=c104.Type.M_ME_NB_1)
scaled.info = c104.ScaledInfo(actual=c104.Int16(-1234), quality=c104.Quality.Invalid, recorded_at=at)
timed = station.add_point(io_address=13, type=c104.Type.M_ME_TF_1, report_ms=200)
timed.info = c104.ShortInfo(actual=0.1, quality=c104.Quality(), recorded_at=at)
counter = station.add_point(io_address=21, type=c104.Type.M_IT_NA_1)
counter.info = c104.BinaryCounterInfo(counter=counted, sequence=c104.UInt5(0), quality=c104.BinaryCounterQuality())
server.start()
print("ready", flush=True)  # noqa: T201 - the test waits for it
while True:
    time.sleep(1)
