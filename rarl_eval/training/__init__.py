"""A training watched by its rollouts: whether the reward still pays for what is true.

``watch.py`` reads what a trainer dumped, judges it again and says where reward and truth part; ``trl.py``, ``verl.py``,
``openrlhf.py`` and ``rubrics.py`` give this program's verifiers to trainers as rewards.
"""
