//! Native tests of the headless client against the in-process server; see `tests/`.
