"""What every portal page carries: navigation, meter, queue bar, alarms."""
