"""What a plan could find; the door is `power.power`."""
