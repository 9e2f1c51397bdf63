@_exported public import PackerModel
