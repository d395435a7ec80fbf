"""The handbook: order.py has the chapters, diagrams.py the pictures, __main__.py the build."""
