"""The only place that knows botocore: clients, the guard, identity, faults, parsed answers."""
