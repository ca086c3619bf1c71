"""Builds the loops of adder_tools.nn; without a C compiler the package goes without them."""

from setuptools import Extension, setup

FLAGS = ["-std=c11", "-O3", "-fopenmp", "-fno-trapping-math", "-fno-math-errno"]

setup(ext_modules=[Extension(
    "adder_tools.nn._adder_kernels", ["adder_tools/nn/adder_kernels.c"], extra_compile_args=FLAGS,
    extra_link_args=["-fopenmp"], optional=True)])
