"""What recipients and operators see, in Chromium: layout facts, never pictures compared point by point."""
