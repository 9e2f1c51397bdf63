import Packer
