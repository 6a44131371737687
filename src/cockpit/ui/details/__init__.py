"""Details of one alarm, deployment or restore."""
