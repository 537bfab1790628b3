"""What an author plans; the door is `read.read_plan`."""
