"""From a plan and data to what an estimator takes; a file a design.

The door is `change`: what an alternative changes; each file asks it.
"""
