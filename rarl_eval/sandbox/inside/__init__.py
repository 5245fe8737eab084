"""What runs inside the walls: imported by a clean interpreter that knows this folder and the standard library alone."""
