//! What every engine must do, as a suite to run on each of them.
