def run(fork_locked):
    return {}
