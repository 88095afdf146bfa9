# usage: ./dev setup
# installs every package that any verb needs (each verb also installs its own)
#
# The packages are listed in tools/packages.txt. Only apt packages of Debian 12 are installed, with
# sudo unless you are root. A Node of version 18 or later that is already there is kept.
# shellcheck shell=bash

no_arguments "$@"
need python build run real soak format lint fuzz bench corpus node
echo 'everything that ./dev needs is installed'
