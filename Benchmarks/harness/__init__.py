"""The parts of the benchmark harness; `../run` puts them together."""
