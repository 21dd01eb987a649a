"""The preset dictionary of the compact file's header: text that nearly every Keras model has in its JSON.

It is part of version 1 of the format. Any change would need a new version, because zlib decompresses a header
only with the dictionary with which it was compressed (and checks that).
"""

_STATE = '"trainable":true,"dtype":{"module":"keras","class_name":"DTypePolicy","config":{"name":"float32"},'
_STATE += '"registered_name":null},'
_LAYER = '"registered_name":null,"build_config":{"input_shape":[null,'
_NEXT = '{"module":"keras.layers","class_name":"'
_BIAS = '"use_bias":true,'
_START = (
    '"kernel_initializer":{"module":"keras.initializers","class_name":"GlorotUniform","config":{"seed":null,'
    '"input_axes":null,"output_axes":null},"registered_name":null},"bias_initializer":'
    '{"module":"keras.initializers","class_name":"Zeros","config":{},"registered_name":null},'
    '"kernel_regularizer":null,"bias_regularizer":null,'
)
_LIMITS = '"kernel_constraint":null,"bias_constraint":null'
_NODES = '"inbound_nodes":[{"args":[{"class_name":"__keras_tensor__","config":{"shape":[null,'
_NODES += '],"dtype":"float32","keras_history":["'

WORDS = (
    _NODES
    + '",0,0]}}],"kwargs":{}}]},'
    + '"kwargs":{"training":false,"mask":null}}],"input_layers":[["input_layer",0,0]],"output_layers":[["'
    + '{"class_name":"Functional","config":{"name":"functional",'
    + _NEXT
    + f'Dropout","config":{{"name":"dropout",{_STATE}"rate":0.5,"seed":null,"noise_shape":null}},{_LAYER}'
    + _NEXT
    + f'Add","config":{{"name":"add",{_STATE[:-1]}}},{_LAYER}'
    + _NEXT
    + f'BatchNormalization","config":{{"name":"batch_normalization",{_STATE}"axis":-1,"momentum":0.99,'
    + '"epsilon":0.001,"center":true,"scale":true,"beta_initializer":{"module":"keras.initializers",'
    + '"class_name":"Zeros","config":{},"registered_name":null},"gamma_initializer":{"module":'
    + '"keras.initializers","class_name":"Ones","config":{},"registered_name":null},'
    + '"moving_mean_initializer":"moving_variance_initializer":"beta_regularizer":null,'
    + '"gamma_regularizer":null,"beta_constraint":null,"gamma_constraint":null,"synchronized":false'
    + '"batch_normalization/gamma""batch_normalization/beta""batch_normalization/moving_mean"'
    + '"batch_normalization/moving_variance"'
    + _NEXT
    + f'Activation","config":{{"name":"activation",{_STATE}"activation":"softmax","tanh","sigmoid"'
    + '{"arrays":[["conv2d/kernel",[3,3,'
    + '],"plain","<f4",'
    + '["dense/bias",['
    + '],"uniform","<f4",1,8],["conv_1/bias",['
    + '],"shared","<f2",8,3],["dense_1/kernel",['
    + '],"shared","<f4",16,4],["conv_2/kernel",['
    + ']],"architecture":{"class_name":"Sequential","config":{"name":"sequential",'
    + _STATE
    + '"layers":['
    + _NEXT
    + 'InputLayer","config":{"batch_shape":[null,28,28,1],"dtype":"float32","sparse":false,"ragged":false,'
    + '"name":"input_layer","optional":false},"registered_name":null},'
    + _NEXT
    + f'Conv2D","config":{{"name":"conv_1",{_STATE}"filters":16,"kernel_size":[3,3],"strides":[1,1],'
    + '"padding":"valid","data_format":"channels_last","dilation_rate":[1,1],"groups":1,"activation":"relu",'
    + f'{_BIAS}{_START}"activity_regularizer":null,{_LIMITS}}},{_LAYER}'
    + "28,28,1]}},"
    + _NEXT
    + f'MaxPooling2D","config":{{"name":"pool_1",{_STATE}"pool_size":[2,2],"padding":"valid","strides":[2,2],'
    + '"data_format":"channels_last"},"registered_name":null,'
    + _NEXT
    + f'Flatten","config":{{"name":"flatten",{_STATE}"data_format":"channels_last"}},{_LAYER}'
    + "784]}},"
    + _NEXT
    + f'Dense","config":{{"name":"dense_1",{_STATE}"units":10,"activation":"softmax",{_BIAS}{_START}'
    + f'{_LIMITS},"quantization_config":null}},{_LAYER}'
    + '100]}}],"build_input_shape":[null,28,28,1]}}}'
).encode()
