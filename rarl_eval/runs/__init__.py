"""Run directories: written once, read item by item or whole, with what is known of their origin."""
