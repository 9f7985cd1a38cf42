"""Start the servers of a lesson in one call, ask them, and clean up behind them."""
