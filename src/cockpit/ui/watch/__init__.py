"""The watch screen: alarms, deployments, restores, and the strip of the current run."""
