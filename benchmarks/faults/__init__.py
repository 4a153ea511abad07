"""What an archive has to survive: writers under load, disks that lose power, and what is left."""
