"""What a deployment costs: requests, capacity units, bytes, processor and import time; ratios and counts only."""
